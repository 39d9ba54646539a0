"use strict";
// Opens tabs. A figure draws itself once it is seen: see nullfit/charts/assets/charts.js.
(() => {
  const open = (id) => {
    const chosen = document.getElementById(id);
    for (const tab of chosen.parentElement.querySelectorAll(":scope > .tab")) {
      tab.hidden = tab !== chosen;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-tab]");
    if (!button) return;
    for (const other of button.parentElement.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    open(button.dataset.tab);
  });

  for (const select of document.querySelectorAll("select[data-choice]")) {
    select.addEventListener("change", () => open(select.value));
    open(select.value); // a browser may keep the choice when the page is loaded again
  }
})();
