// Listens for changes, fetches the page again, and puts in what is new. Nothing is sent but GET requests.
"use strict";

const body = document.body;
const line = document.getElementById("line");
let fetching = false;
let wanted = false;

function follows(studies) {
  const mine = body.dataset.follows;
  if (mine === "*") return true;
  const names = mine.split(" ");
  return studies.some((study) => names.includes(study));
}

function say(state, text) {
  line.dataset.state = state;
  line.textContent = text;
}

async function refresh() {
  wanted = true;
  if (fetching) return;
  fetching = true;
  while (wanted) {
    wanted = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      replace(document.getElementById("page"), fresh.getElementById("page"));
      document.title = fresh.title;
      say("live", "live");
    } catch {
      say("lost", "cannot be read now");
    }
    tick();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  fetching = false;
}

// Part by part, so that what did not change keeps its place, its selection and its open folds.
function replace(old, fresh) {
  if (!old || !fresh) return;
  const before = [...old.children];
  const after = [...fresh.children];
  if (before.length !== after.length) {
    keepChoices(old, fresh);
    old.replaceChildren(...after.map((part) => document.importNode(part, true)));
    return;
  }
  before.forEach((part, index) => {
    if (part.contains(document.activeElement) && document.activeElement.matches("select, input[type=search]")) return;
    const next = document.importNode(after[index], true);
    keepChoices(part, next);
    if (!part.isEqualNode(next)) part.replaceWith(next);
  });
}

function keepChoices(old, fresh) {
  const open = [...old.querySelectorAll("details")].map((fold) => fold.open);
  const folds = fresh.querySelectorAll("details");
  if (folds.length === open.length) folds.forEach((fold, index) => { fold.open = open[index]; });
  const chosen = new Set([...old.querySelectorAll("input[type=checkbox]")].filter((box) => box.checked).map((box) => box.value));
  fresh.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = chosen.has(box.value); });
}

function ago(seconds) {
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

function tick() {
  const now = Date.now() / 1000;
  for (const time of document.querySelectorAll("time[data-at]")) {
    const text = ago(Math.max(0, Math.floor(now - Number(time.dataset.at))));
    if (time.textContent !== text) time.textContent = text;
    if (!time.title) time.title = new Date(1000 * Number(time.dataset.at)).toLocaleString();
  }
}

function listen() {
  const events = new EventSource(body.dataset.events);
  let lost = false;
  events.addEventListener("open", () => {
    say("live", "live");
    if (lost) refresh();
    lost = false;
  });
  events.addEventListener("changed", (event) => {
    if (follows(JSON.parse(event.data))) refresh();
  });
  events.addEventListener("error", () => {
    lost = true;
    say("lost", "not connected, trying again");
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

if (body.dataset.follows !== "") listen();
setInterval(tick, 1000);
tick();
