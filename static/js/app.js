/* app.js: progressive enhancement only. Every page works without it. */
(function () {
  "use strict";
  const root = document.documentElement;
  const announcer = () => document.getElementById("announce");
  root.classList.add("js");

  function say(text) {
    const place = announcer();
    if (!place) return;
    place.textContent = "";
    setTimeout(() => { place.textContent = text; }, 30);
  }
  window.readinessSay = say;

  /* copy */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("Copied");
    } catch {
      say("This browser doesn’t let the page copy");
    }
  });

  /* theme: the cookie is what the server reads; the form is what works without this file */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-form]")) return;
    event.preventDefault();
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const next = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    document.cookie = "theme=" + next + "; path=/; max-age=31536000; samesite=lax";
    say(next === "dark" ? "Dark theme" : "Light theme");
  });

  /* menus close when the pointer or the focus leaves them */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* T asks which moment to show; single keys do nothing while somebody types, in a sheet, or once turned off */
  function typing(element) {
    const box = document.getElementById("dialog");
    return element.closest("input, textarea, select, [contenteditable]") || (box && box.open);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "t" || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector("[data-travel]");
    if (!field || root.dataset.keys === "off" || typing(event.target)) return;
    event.preventDefault();
    const menu = field.closest("details");
    if (menu) menu.open = true;
    field.focus();
    field.select();
  });

  /* an entry that was opened from the list is brought into view where it stands above the list */
  document.addEventListener("htmx:afterSettle", (event) => {
    const entry = document.getElementById("entry");
    if (!entry || event.detail.requestConfig?.elt.closest("form")) return;
    const box = entry.getBoundingClientRect();
    if (event.detail.target.id === "audit" && (box.bottom < 0 || box.top > innerHeight)) entry.scrollIntoView();
  });

  /* sheets: a link loads one into the dialog, and the dialog opens; Esc and Cancel close it without an act */
  const dialog = () => document.getElementById("dialog");
  function focusFirst(scope) {
    const place = scope.querySelector("[data-focus]") || scope.querySelector("#sheet-title");
    if (place) place.focus();
  }
  const pressed = (request) => request && request.triggeringEvent && request.triggeringEvent.submitter;
  const reread = (request) => (pressed(request) || {}).value === "reread";
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = dialog();
    if (!box || !box.firstElementChild) return;
    const inside = event.detail.target === box || box.contains(event.detail.elt);
    if (event.detail.target === box && !box.open) box.showModal();
    if (inside) { wire(box); if (!reread(event.detail.requestConfig)) focusFirst(box); }
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close]");
    const box = dialog();
    if (!closer || !box || !box.open || !box.contains(closer)) return;
    event.preventDefault();
    box.close();
  });
  document.addEventListener("close", (event) => {
    if (event.target === dialog()) event.target.replaceChildren();
  }, true);

  /* a form says what its button will do once an answer is chosen */
  function nameAct(form) {
    const button = form.querySelector("[data-act-go]");
    const chosen = form.querySelector("input[name=answer]:checked");
    if (!button) return;
    const answer = chosen ? chosen.value : "";
    button.textContent = answer === "go" ? button.dataset.actGo : answer === "no-go" ? button.dataset.actNogo : button.dataset.act;
    button.classList.toggle("btn--go", answer === "go");
    button.classList.toggle("btn--stop", answer === "no-go");
    button.classList.toggle("btn--primary", !answer);
  }
  function wire(scope) { scope.querySelectorAll("form").forEach(nameAct); }
  document.addEventListener("change", (event) => {
    if (event.target.name === "answer" && event.target.form) nameAct(event.target.form);
  });

  /* while an act is under way its button says so and cannot be pressed again */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("form")) return;
    const chosen = pressed(event.detail.requestConfig);
    const button = chosen ? chosen.closest("[data-busy]") : event.target.querySelector("[data-busy]");
    if (!button) return;
    button.dataset.idle = button.textContent;
    button.textContent = button.dataset.busy;
  });

  /* an act that got no answer, or one that is no sheet, says so where it was tried; a link opens its page instead */
  function unsent(source, text) {
    if (source.matches("a[href]")) { location.assign(source.href); return; }
    const body = source.matches("form") && source.querySelector(".dialog-body");
    if (!body) return;
    const button = source.querySelector("[data-idle]");
    if (button) button.textContent = button.dataset.idle;
    body.querySelector(".note--unsent")?.remove();
    const note = document.createElement("p");
    note.className = "note note--stop note--unsent";
    note.setAttribute("role", "alert");
    note.textContent = text;
    body.prepend(note);
    body.scrollTop = 0;
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 403 || !event.detail.xhr.responseText.trimStart().startsWith('<section class="sheet"')) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:sendError", (event) => unsent(event.target, "The server doesn\u2019t answer. Nothing was saved."));
  document.addEventListener("htmx:responseError", (event) => {
    unsent(event.target, "The server refused this (" + event.detail.xhr.status + "). Nothing was saved. Load the page again, then retry.");
  });

  wire(document);
  const wrong = document.querySelector("main [data-focus]");
  if (wrong) wrong.focus();
})();
