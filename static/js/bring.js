/* bring.js: evidence that is dropped or pasted, and what a signer opens. Progressive enhancement only. */
(function () {
  "use strict";
  const field = (form) => form && form.querySelector("[data-drop] input[type=file]");

  /* what is dropped or pasted goes into the file field, beside what is there */
  function give(form, files) {
    const input = field(form);
    if (!input || !files.length) return;
    const all = new DataTransfer();
    [...input.files, ...files].forEach((file) => all.items.add(file));
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const zone = (event) => event.target.closest && event.target.closest("form:has([data-drop])");
  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    const form = zone(event);
    if (!form || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.querySelector("[data-drop]").classList.toggle("is-over", kind === "dragover");
    if (kind === "drop") give(form, event.dataTransfer.files);
  }));
  document.addEventListener("paste", (event) => {
    const open = document.querySelector("dialog[open] form") || document.querySelector("main form:has([data-drop])");
    if (!field(open) || !event.clipboardData.files.length) return;
    event.preventDefault();
    give(open, event.clipboardData.files);
  });

  /* a chosen file is read at once, so that what it says is seen before anything is claimed */
  document.addEventListener("change", (event) => {
    const form = event.target.type === "file" && event.target.form;
    const judge = form && form.querySelector("[data-judge]");
    if (judge && event.target.files.length) judge.click();
  });

  /* what a signer opens counts in what they sign: the sheet is read again, unless a password stands in it */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-reread]");
    const form = link && link.closest("form");
    if (!form) return;
    setTimeout(() => {
      const again = form.isConnected && form.querySelector("button[value=reread]");
      if (again && !form.elements.password.value) again.click();
    }, 1000);
  });
})();
