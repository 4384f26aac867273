/* live.js: keeps a page true while it is open.
   #live asks every second what changed; the answer names regions, and each fetches itself and is morphed in place.
   The page says when it is not live, counts the age of its numbers, and greys those too old to count. */
(function () {
  "use strict";
  const QUIET_MS = 10000;

  /* morphing keeps what people are doing: the value being typed, the rows they opened */
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

  /* the server's clock, learned from the page and from each answer */
  let skew = document.body.dataset.now ? Date.parse(document.body.dataset.now) - Date.now() : 0;
  const now = () => Date.now() + skew;
  const clock = (ms, seconds) => new Date(ms).toISOString().slice(11, seconds ? 19 : 16);

  /* ages: the same whole units as the server writes (readiness/templatetags/_text.py) */
  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 120) return s + "\u00a0s";
    if (s < 7200) return Math.floor(s / 60) + "\u00a0min";
    if (s < 172800) return Math.floor(s / 3600) + "\u00a0h";
    return Math.floor(s / 86400) + "\u00a0days";
  }
  function count() {
    const at = now();
    document.querySelectorAll("time[data-at]").forEach((element) => {
      const seconds = (at - Date.parse(element.dataset.at)) / 1000;
      const text = age(seconds) + " ago";
      if (element.textContent !== text) element.textContent = text;
      if (element.dataset.maxAge) element.classList.toggle("is-old", seconds > Number(element.dataset.maxAge));
    });
    document.querySelectorAll("time[data-until]").forEach((element) => {
      const seconds = (Date.parse(element.dataset.until) - at) / 1000;
      const text = seconds > 0 ? age(seconds) + " left" : "over";
      if (element.textContent !== text) element.textContent = text;
    });
  }

  /* liveness */
  const word = document.getElementById("live-word");
  let answered = performance.now();
  let answeredAt = now();
  let dead = false;
  function show(alive) {
    if (!word) return;
    word.className = alive ? "live" : "live live--off";
    word.firstElementChild.textContent = alive ? "Live" : "Not live since";
    const time = word.querySelector("time");
    time.textContent = clock(answeredAt, alive) + (alive ? " UTC" : "");
    time.dateTime = new Date(answeredAt).toISOString();
    if (alive === dead) {
      window.readinessSay(alive ? "Live again" : "Not live since " + clock(answeredAt, false) + " UTC");
      dead = !alive;
      document.documentElement.classList.toggle("not-live", dead);
    }
  }
  setInterval(() => {
    if (document.hidden) return;
    count();
    if (word && performance.now() - answered > QUIET_MS) show(false);
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    answered = performance.now();
    count();
    if (document.getElementById("live")) htmx.trigger("#live", "ask");
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "live" && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const request = event.detail.xhr;
    if (event.detail.requestConfig?.elt.id !== "live" || !request || request.status < 200 || request.status >= 300) return;
    const date = Date.parse(request.getResponseHeader("Date") || "");
    if (Math.abs(date - now()) > 1500) skew = date - Date.now();
    answered = performance.now();
    answeredAt = now();
    show(true);
  });

  /* a page that answers where a part was asked for (signed out, moved) is opened whole */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.requestPath, location.href).pathname;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname === asked) return;
    event.detail.shouldSwap = false;
    if (event.detail.requestConfig.verb === "get") location.reload();
    else location.assign(xhr.responseURL);
  });

  /* what the parts say of themselves: the title and the icon follow the verdict, changes are told once */
  const said = new Map();
  function listen() {
    document.querySelectorAll("[data-say]").forEach((part) => {
      if (said.has(part.id) && said.get(part.id) !== part.dataset.say) window.readinessSay(part.dataset.say);
      said.set(part.id, part.dataset.say);
    });
    const verdict = document.querySelector("[data-title]");
    if (!verdict) return;
    document.title = document.title.replace(/^[^:]+(?=: )/, verdict.dataset.title);
    const icon = document.getElementById("favicon");
    const files = { GO: "favicon-go.svg", "NO-GO": "favicon-nogo.svg" };
    const file = files[verdict.dataset.title] || "favicon.svg";
    if (!icon.href.endsWith(file)) icon.href = icon.href.replace(/[^/]+$/, file);
  }
  document.addEventListener("htmx:afterSettle", () => { count(); listen(); });
  count();
  listen();
})();
