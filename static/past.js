// Lists of which one chooses some: the box above ticks all, Shift a range, and
// what is chosen is counted.
'use strict';

(() => {
  const prepare = (list) => {
    const all = list.querySelector('[data-all]');
    const boxes = () => [...list.querySelectorAll('input[name="page"]')];
    let last = null;
    const count = () => {
      const n = boxes().filter((box) => box.checked).length;
      all.checked = n > 0 && n === boxes().length;
      all.indeterminate = n > 0 && !all.checked;
      for (const at of list.querySelectorAll('[data-chosen]')) at.textContent = n;
      for (const at of list.querySelectorAll('[data-when-chosen]')) at.hidden = n === 0;
    };
    all.hidden = false;
    all.addEventListener('change', () => {
      for (const box of boxes()) box.checked = all.checked;
      count();
    });
    list.addEventListener('click', (event) => {
      const box = event.target;
      if (!box.matches('input[name="page"]')) return;
      if (event.shiftKey && last && last !== box) {
        const [from, to] = [boxes().indexOf(last), boxes().indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes().slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
    });
    list.addEventListener('change', count);
    count();
  };
  for (const list of document.querySelectorAll('form')) {
    if (list.querySelector('[data-all]')) prepare(list);
  }
  window.addEventListener('pageshow', () => { // boxes that were ticked before Back
    for (const all of document.querySelectorAll('[data-all]')) all.form.dispatchEvent(new Event('change'));
  });
})();
