"use strict";

const live = document.getElementById("live");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let loading = false;
let again = false;

function tell(state, text) {
  live.className = state;
  if (live.textContent !== text) live.textContent = text;
}

// Stages keep their names over changes, so that the browser can show where they go.
function nameStages() {
  for (const stage of document.querySelectorAll("[data-moves]")) {
    stage.style.viewTransitionName = CSS.escape("stage " + stage.dataset.moves);
  }
}

function replaceParts(page) {
  for (const part of page.querySelectorAll("[data-part]")) {
    const shown = document.getElementById(part.id);
    if (shown.dataset.text === part.innerHTML) continue;
    shown.dataset.text = part.innerHTML;
    shown.replaceChildren(...part.childNodes);
  }
  nameStages();
}

function placements(page) {
  return [...page.querySelectorAll("[data-moves]")].map((stage) => stage.dataset.moves + " " + stage.closest("[data-version]").dataset.version).join();
}

function show(page) {
  const moved = placements(page) !== placements(document);
  if (moved && document.startViewTransition && !still.matches && !document.hidden) {
    document.startViewTransition(() => replaceParts(page));
  } else {
    replaceParts(page);
  }
}

async function load() {
  again = true;
  if (loading) return;
  loading = true;
  while (again) {
    again = false;
    try {
      const answer = await fetch("/", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      show(page);
    } catch {
      tell("off", "not connected");
    }
  }
  loading = false;
}

nameStages();
const events = new EventSource("/_dashboard/events");
events.onopen = () => tell("on", "live");
events.onmessage = load;
events.onerror = () => tell("off", "not connected");
