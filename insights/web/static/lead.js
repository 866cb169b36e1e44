// The lead page: player, seeking from words, taking the lead in hand, and noticing that somebody else did something.
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const standing = find("standing");
  const token = () => document.querySelector("[name=form_token]").value;

  const audio = find("audio");
  if (audio) {
    const seconds = Number(find("player").dataset.seconds), wave = find("wave"), head = find("playhead");
    const play = find("play"), position = find("position"), time = find("time"), speed = find("speed");
    const turns = [...document.querySelectorAll(".turn[data-start]")];
    const told = (at) => `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, "0")}`;
    let shown = null;

    const show = () => {
      const at = audio.currentTime, x = (1000 * at) / seconds;
      head.setAttribute("x1", x); head.setAttribute("x2", x);
      time.textContent = told(at);
      if (document.activeElement !== position) position.value = at;
      position.setAttribute("aria-valuetext", told(at));
      const now = turns.filter((turn) => at >= Number(turn.dataset.start) - 0.05 && at < Number(turn.dataset.end)).at(-1) || null;
      if (now !== shown) {
        if (shown) { shown.classList.remove("playing"); shown.removeAttribute("aria-current"); }
        if (now) { now.classList.add("playing"); now.setAttribute("aria-current", "true"); if (!audio.paused) now.scrollIntoView({ block: "nearest" }); }
        shown = now;
      }
    };
    const seek = (at) => { audio.currentTime = Math.max(0, Math.min(seconds, at)); show(); };
    const toggle = () => { if (audio.paused) audio.play(); else audio.pause(); };
    const playing = () => { play.firstChild.textContent = audio.paused ? "▶ " : "❚❚ "; play.setAttribute("aria-label", audio.paused ? "Play" : "Pause"); };

    audio.controls = false; audio.hidden = true; find("controls").hidden = false;
    audio.addEventListener("timeupdate", show);
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, playing);
    play.addEventListener("click", toggle);
    find("back3").addEventListener("click", () => seek(audio.currentTime - 3));
    position.addEventListener("input", () => seek(Number(position.value)));
    speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); sessionStorage.setItem("speed", speed.value); });
    speed.value = sessionStorage.getItem("speed") || "1"; audio.playbackRate = Number(speed.value);
    audio.addEventListener("loadedmetadata", () => { audio.playbackRate = Number(speed.value); });
    wave.addEventListener("click", (event) => { const box = wave.getBoundingClientRect(); seek((seconds * (event.clientX - box.left)) / box.width); });

    for (const link of document.querySelectorAll("a[data-seek]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault(); seek(Number(link.dataset.seek)); audio.play();
        const turn = link.dataset.turn && find(`turn-${link.dataset.turn}`);
        if (turn) turn.scrollIntoView({ block: "center" });
      });
    }
    for (const turn of turns) turn.addEventListener("click", (event) => {
      if (event.target.closest("a") || String(window.getSelection())) return;
      seek(Number(turn.dataset.start)); audio.play();
    });

    const quotes = [...document.querySelectorAll(".quote .play")];
    let quote = -1;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
      const index = speed.selectedIndex;
      if (event.key === " " && !event.target.closest("button, summary, a")) toggle();
      else if (event.key === "ArrowLeft") seek(audio.currentTime - 3);
      else if (event.key === "ArrowRight") seek(audio.currentTime + 3);
      else if (event.key === "e" && quotes.length) { quote = (quote + 1) % quotes.length; quotes[quote].click(); }
      else if (event.key === "<" && index > 0) { speed.selectedIndex = index - 1; speed.dispatchEvent(new Event("change")); }
      else if (event.key === ">" && index < speed.length - 1) { speed.selectedIndex = index + 1; speed.dispatchEvent(new Event("change")); }
      else return;
      event.preventDefault();
    });
  }

  // Opening a lead that waits takes it in hand; entries that follow are told to the forms.
  let mine = false, sending = false;
  const newest = (last) => {
    standing.dataset.last = last;
    for (const field of document.querySelectorAll("[name=seen]")) field.value = last;
  };
  const taking = async () => {
    const form = new FormData();
    form.set("form_token", token()); form.set("seen", standing.dataset.last);
    const answer = await fetch(`/leads/${standing.dataset.lead}/take`, { method: "POST", body: form, headers: { accept: "application/json" } });
    const told = answer.ok ? await answer.json() : null;
    if (!told) return watch(); // somebody was faster, or nothing can be taken: the lead itself tells
    newest(told.last); find("state").textContent = "in your hand"; mine = true;
  };
  const changed = (by) => {
    find("changed").hidden = false;
    find("changed-by").textContent = by ? ` (${by})` : "";
  };
  const watch = async () => {
    if (document.hidden) return;
    const answer = await fetch(`/leads/${standing.dataset.lead}/standing`, { headers: { accept: "application/json" } });
    find("signed-out").hidden = answer.status !== 401;
    if (answer.ok) { const told = await answer.json(); if (told.last > Number(standing.dataset.last)) changed(told.by); }
  };
  // Who leaves a lead undecided puts it back, whichever way they go.
  document.addEventListener("submit", () => { sending = true; });
  window.addEventListener("pagehide", () => {
    if (!mine || sending) return;
    const form = new FormData();
    form.set("form_token", token());
    navigator.sendBeacon(`/leads/${standing.dataset.lead}/leave`, form);
  });
  if (standing.dataset.take) taking().catch(() => {});
  window.setInterval(() => watch().catch(() => {}), 8000);
})();
