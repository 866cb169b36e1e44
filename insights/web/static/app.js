// What every page gains from a script: keys, words that survive a reload, forms that send themselves.
"use strict";
(() => {
  const typing = (target) => target.closest("input:not([type=range]), textarea, select, [contenteditable]");
  const find = (selector) => document.querySelector(selector);

  // Dialogs that a button opens.
  for (const opener of document.querySelectorAll("[data-opens]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => find(`#${opener.dataset.opens}`).showModal());
  }

  // Forms of filters send themselves when something is chosen.
  for (const form of document.querySelectorAll("form[data-at-once]")) {
    form.addEventListener("change", (event) => { if (event.target.matches("select, input[type=date]")) form.requestSubmit(); });
  }

  // What was typed is kept until a page comes that does not tell of trouble: a session may have ended meanwhile.
  const sent = sessionStorage.getItem("sent");
  if (sent && !document.body.hasAttribute("data-trouble")) for (const name of JSON.parse(sent)) sessionStorage.removeItem(name);
  sessionStorage.removeItem("sent");
  for (const form of document.querySelectorAll("form[data-keeps]")) {
    const name = (field) => `typed:${form.dataset.keeps}:${field.name}`;
    for (const field of form.querySelectorAll("textarea[name]")) {
      const kept = sessionStorage.getItem(name(field));
      if (kept !== null && !document.body.hasAttribute("data-trouble")) field.value = kept; // else the server gave it back
      field.addEventListener("input", () => sessionStorage.setItem(name(field), field.value));
    }
    form.addEventListener("submit", () => {
      sessionStorage.setItem("sent", JSON.stringify([...form.querySelectorAll("textarea[name]")].map(name)));
      window.setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
    });
  }

  // Keys: an element with data-key is what its key presses. A form's words are never taken for keys.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter" && event.target.form) {
      const ways = event.target.form.querySelectorAll("button:not([type=button])");
      if (ways.length === 1) { ways[0].click(); event.preventDefault(); } // with several it is not said which
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = event.target.closest("details.pop[open]") || find("details.pop[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); event.preventDefault(); } else if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || find("dialog[open]")) return;
    if (event.key === "?") { const keys = find("dialog#keys"); if (keys) { keys.showModal(); event.preventDefault(); } return; }
    const reasons = find("#override[open]");
    const pressed = reasons && reasons.querySelector(`[data-letter="${CSS.escape(event.key.toLowerCase())}"]`)
      || find(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!pressed || pressed.disabled) return;
    event.preventDefault();
    if (pressed.matches("summary")) {
      const pop = pressed.parentElement;
      for (const other of document.querySelectorAll("details.pop[open]")) if (other !== pop) other.open = false;
      pop.open = !pop.open;
      const first = pop.open && pop.querySelector("textarea, .reasons button, input");
      if (first) { first.focus(); if (first.matches("textarea")) first.select(); }
    } else if (pressed.matches("input, textarea")) { pressed.focus(); } else { pressed.click(); }
  });

  // One pop-up at a time, by mouse as well.
  for (const pop of document.querySelectorAll("details.pop")) {
    pop.addEventListener("toggle", () => { if (pop.open) for (const other of document.querySelectorAll("details.pop[open]")) if (other !== pop) other.open = false; });
  }

  // An offer to undo goes when its seconds are over.
  for (const button of document.querySelectorAll("button[data-for]")) window.setTimeout(() => button.remove(), 1000 * Number(button.dataset.for));

  // The queue by keys: j and k go from lead to lead.
  const rows = [...document.querySelectorAll("a[data-row]")];
  if (rows.length) document.addEventListener("keydown", (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
    const at = rows.indexOf(document.activeElement), next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))];
    next.focus(); event.preventDefault();
  });

  // One box ticks all.
  for (const all of document.querySelectorAll("input[data-ticks]")) {
    all.hidden = false;
    all.addEventListener("change", () => { for (const box of document.querySelectorAll(all.dataset.ticks)) box.checked = all.checked; });
  }
})();
