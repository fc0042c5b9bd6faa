// What can be done with the cells of a table at once, without a page: the range
// that a spreadsheet copies, lines that move up and down, and where arrows lead.
//
// A grid is a list of rows of cells. Cells that are one, since their box on the
// form is one, stand in all their places. A change says what a cell is to hold.
"use strict";

const cells = (() => {
  // parse returns the rows of texts that a spreadsheet has put on the clipboard:
  // tabs between cells, quotes around those that have tabs, lines or quotes.
  function parse(text) {
    const rows = [[""]];
    let quoted = false, fresh = true; // fresh: at the start of a cell
    for (let i = 0; i < text.length; i++) {
      const c = text[i], row = rows.at(-1);
      if (quoted) {
        if (c !== '"') row[row.length - 1] += c;
        else if (text[i + 1] === '"') row[row.length - 1] += text[++i];
        else quoted = false;
      } else if (c === '"' && fresh && closes(text, i + 1)) quoted = true;
      else if (c === "\t") row.push("");
      else if (c === "\n") rows.push([""]);
      else if (c !== "\r") row[row.length - 1] += c;
      fresh = !quoted && (c === "\t" || c === "\n");
    }
    if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop(); // behind the last line
    return rows;
  }

  // closes reports whether a cell that begins with a quote ends with one, so that
  // a quote that somebody wrote does not swallow the rest.
  function closes(text, from) {
    for (let i = text.indexOf('"', from); i >= 0; i = text.indexOf('"', i + 1)) {
      if (text[i + 1] === '"') i++;
      else return i + 1 === text.length || "\t\r\n".includes(text[i + 1]);
    }
    return false;
  }

  const isRange = text => /[\t\n]/.test(text.replace(/\r?\n$/, ""));

  // fill returns what a range makes of grid, from the cell at row and column on:
  // the changes, which of them overwrite another text, and how many texts of the
  // range have no cell. What isOpen waits for a person, and is told by the range.
  function fill(grid, row, column, range, textOf, isOpen = () => false) {
    const changes = [], seen = new Set();
    let left = 0;
    range.forEach((texts, r) => texts.forEach((text, c) => {
      const cell = grid[row + r] && grid[row + r][column + c];
      text = text.trim();
      if (!cell) left += text === "" ? 0 : 1;
      else if (!seen.has(cell) && (text !== textOf(cell) || isOpen(cell))) changes.push({cell, text});
      seen.add(cell);
    }));
    return {changes, over: changes.filter(c => !["", c.text].includes(textOf(c.cell))), left};
  }

  const blank = (row, textOf) => row.every(cell => textOf(cell).trim() === "");

  // single reports whether the rows from one on have all their cells to themselves.
  const single = (grid, from) => grid.slice(from).every((row, r) => row.every((cell, c) =>
    cell && row.indexOf(cell) === c && !(grid[from + r - 1] || []).includes(cell)));

  // insert returns the changes that put a blank line at row, all below moved down
  // by one; or null where the last line of the form is taken, or lines cannot move.
  function insert(grid, row, textOf) {
    if (!single(grid, row) || !blank(grid.at(-1), textOf)) return null;
    return moved(grid, row, r => r > row && grid[r - 1], textOf);
  }

  // remove returns the changes that take the line at row out, all below moved up.
  function remove(grid, row, textOf) {
    if (!single(grid, row)) return null;
    return moved(grid, row, r => grid[r + 1], textOf);
  }

  // moved has each line from row on hold what the one that from returns holds, or
  // nothing where that returns none.
  function moved(grid, row, from, textOf) {
    const changes = [];
    for (let r = row; r < grid.length; r++) {
      const source = from(r);
      grid[r].forEach((cell, c) => {
        const text = source ? textOf(source[c]) : "";
        if (text !== textOf(cell)) changes.push({cell, text});
      });
    }
    return changes;
  }

  const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

  // step returns the next cell from the one at row and column where an arrow
  // leads, or null at the edge. Left and right go on in the line before or after.
  function step(grid, row, column, key) {
    const [dr, dc] = steps[key], from = grid[row][column];
    let r = row, c = column;
    for (;;) {
      r += dr;
      c += dc;
      if (dc !== 0 && (c < 0 || c >= grid[r].length)) {
        r += dc;
        if (!grid[r]) return null;
        c = dc > 0 ? 0 : grid[r].length - 1;
      }
      if (!grid[r]) return null;
      if (grid[r][c] && grid[r][c] !== from) return grid[r][c];
    }
  }

  return {parse, isRange, fill, insert, remove, step};
})();

if (typeof module === "object") module.exports = cells;
