// Amounts, as the rules of fields understand them (form.ParseAmount): what a sum
// is told by while somebody types. The two are tested by the same list.
"use strict";

const amount = (() => {
  const before = ["NT$", "US$", "KRW", "JPY", "TWD", "USD", "EUR", "일금", "금", "新臺幣", "新台幣", "金", "₩", "¥", "$", "€", "£"];
  const after = ["원정", "원", "円也", "円", "圓整", "元整", "圓", "元", "整", "정", "也", "KRW", "JPY", "TWD", "USD", "EUR", "€"];
  const form = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,6}))?$/;
  const longest = 30; // characters
  const decimals = 6;

  // plain returns text without spaces, wide characters narrow.
  const plain = text => text.normalize("NFC").replace(/\s/gu, "")
    .replace(/[！-～]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[￦]/g, "₩").replace(/[￥\\]/g, "¥");

  // parse returns the amount that text stands for, in millionths, or null.
  function parse(text) {
    let s = plain(text), negative = false;
    if ([...s].length > longest) return null;
    if (s.startsWith("(")) {
      s = s.slice(1).replace(/\)$/, "");
      negative = true;
    }
    for (let i = 0; i < 2; i++) { // a sign may stand before the currency or behind it
      const currency = before.find(a => s.startsWith(a));
      if (currency) s = s.slice(currency.length);
      if (!negative && /^[-−△▲]/.test(s)) {
        s = s.slice(1);
        negative = true;
      }
    }
    s = s.replace(/-$/, "").replace(/\.$/, "");
    const currency = after.find(a => s.endsWith(a));
    if (currency) s = s.slice(0, -currency.length);
    const parts = form.exec(s);
    if (!parts) return null;
    const value = BigInt(parts[1].replaceAll(",", "") + (parts[2] || "").padEnd(decimals, "0"));
    return negative ? -value : value;
  }

  // format writes an amount with commas, and with decimals where it has any.
  function format(value) {
    const digits = String(value < 0n ? -value : value).padStart(decimals + 1, "0");
    const whole = digits.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ",");
    const rest = digits.slice(-decimals).replace(/0+$/, "");
    return (value < 0n ? "-" : "") + whole + (rest && "." + rest);
  }

  // blank reports whether text is nothing in a sum: empty, or a dash.
  const blank = text => plain(text).replace(/^[-–—―.]+|[-–—―.]+$/g, "") === "";

  // sum adds up texts. It returns how much that is, how many of them are filled
  // in, and whether one is no amount.
  function sum(texts) {
    const filled = texts.filter(text => !blank(text)), amounts = filled.map(parse);
    return {value: amounts.reduce((all, a) => a === null ? all : all + a, 0n), filled: filled.length, odd: amounts.includes(null)};
  }

  return {parse, format, sum};
})();

if (typeof module === "object") module.exports = amount;
