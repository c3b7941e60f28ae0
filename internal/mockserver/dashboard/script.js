"use strict";

const live = document.getElementById("live");
const filter = document.getElementById("filter");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let loading = false;
let again = false;

function setLive(state, text) {
  live.className = state;
  if (live.textContent !== text) live.textContent = text;
}

// Stages keep their names over changes, so that the browser can show where they go.
function nameStages() {
  for (const stage of document.querySelectorAll("[data-moves]")) {
    stage.style.viewTransitionName = CSS.escape("stage " + stage.dataset.moves);
  }
}

// What somebody has unfolded stays so over changes.
function unfolded() {
  return new Set([...document.querySelectorAll("details[open][data-keep]")].map((details) => details.dataset.keep));
}

function replaceParts(page) {
  const open = unfolded();
  for (const part of page.querySelectorAll("[data-part]")) {
    const shown = document.getElementById(part.id);
    if (shown.dataset.text === part.innerHTML) continue;
    shown.dataset.text = part.innerHTML;
    shown.replaceChildren(...part.childNodes);
  }
  for (const details of document.querySelectorAll("details[data-keep]")) details.open = open.has(details.dataset.keep);
  nameStages();
  applyFilter();
}

// A secret is shown if each word of the filter is in what the page says of it, or in its project.
function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of document.querySelectorAll("#secrets section")) {
    const project = section.querySelector(".project").textContent;
    let inSection = 0;
    for (const secret of section.querySelectorAll(".secret")) {
      const text = (project + " " + secret.textContent).toLowerCase();
      secret.hidden = !words.every((word) => text.includes(word));
      if (!secret.hidden) inSection++;
    }
    section.hidden = words.length > 0 && inSection === 0;
    shown += inSection;
  }
  document.getElementById("nothing").hidden = words.length === 0 || shown > 0;
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
      const response = await fetch("/", { cache: "no-store" });
      if (!response.ok) throw new Error(response.statusText);
      show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      setLive("off", "not connected");
    }
  }
  loading = false;
}

async function copyEnvironment(event) {
  const text = document.querySelector("#environment pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
    event.target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.querySelector("#environment pre"));
    event.target.textContent = "Selected";
  }
}

function showTab(name) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll("#tabs button")) tab.setAttribute("aria-pressed", tab.dataset.tab === name);
}

filter.addEventListener("input", applyFilter);
document.getElementById("copy").addEventListener("click", copyEnvironment);
for (const tab of document.querySelectorAll("#tabs button")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
showTab("secrets");
nameStages();
applyFilter();
const events = new EventSource("/_dashboard/events");
events.onopen = () => setLive("on", "live");
events.onmessage = load;
events.onerror = () => setLive("off", "not connected");
