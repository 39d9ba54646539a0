"use strict";
// Draws the figures whose data stand in the page, and connects the page's buttons with them.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const options = {
    responsive: true,
    displayModeBar: false, // its buttons would lie on the legend; print has files of its own
  };
  const axis = { x: "epoch", loss: "linear" };

  // A figure in a tab that was not opened yet is drawn when it is: a hidden one has no width.
  const draw = (box) => {
    if (!box.dataset.drawn) {
      const figure = read(`data-${box.id}`);
      box.epochs = figure.data.map((trace) => trace.x);
      box.dataset.drawn = "yes";
      Plotly.newPlot(box, figure.data, figure.layout, options);
    } else {
      Plotly.Plots.resize(box);
    }
    if (box.dataset.kind === "curves") setAxes(box);
  };

  const setAxes = (box) => {
    const x = box.data.map((trace, i) =>
      trace.meta && Array.isArray(box.epochs[i])
        ? box.epochs[i].map((epoch) => epoch * (axis.x === "step" ? trace.meta.stepsPerEpoch : 1))
        : box.epochs[i]);
    const layout = { "xaxis3.title.text": axis.x, "xaxis4.title.text": axis.x };
    for (const name of ["xaxis", "xaxis2", "xaxis3", "xaxis4"]) layout[`${name}.autorange`] = true;
    for (const name of ["yaxis", "yaxis3"]) {
      layout[`${name}.type`] = axis.loss;
      layout[`${name}.autorange`] = true;
    }
    Plotly.update(box, { x }, layout);
  };

  const open = (id) => {
    const chosen = document.getElementById(id);
    chosen.parentElement.querySelectorAll(":scope > .plot").forEach((box) => {
      box.hidden = box !== chosen;
    });
    draw(chosen);
  };

  const press = (button) => {
    for (const other of button.parentElement.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.axis) {
      axis[button.dataset.axis] = button.value;
      press(button);
      document.querySelectorAll('.plot[data-kind="curves"][data-drawn]').forEach((box) => {
        if (!box.hidden) setAxes(box);
      });
    } else if (button.dataset.tab) {
      press(button);
      open(button.dataset.tab);
    }
  });

  document.querySelectorAll("select[data-choice]").forEach((select) => {
    select.addEventListener("change", () => open(select.value));
    open(select.value); // a browser may keep the choice when the page is loaded again
  });

  document.querySelectorAll(".plot:not([hidden])").forEach(draw);

  const choice = document.getElementById("matrix-choice");
  if (choice) {
    const matrices = read("data-matrices");
    const box = document.getElementById("matrix");
    const show = () => {
      const chosen = matrices.settings[Number(choice.value)];
      const names = matrices.classes[chosen.classes];
      const ticks = { tickvals: names.map((_, i) => i), ticktext: names };
      Plotly.update(box, { z: [chosen.z] }, {
        "xaxis.tickvals": ticks.tickvals, "xaxis.ticktext": ticks.ticktext,
        "yaxis.tickvals": ticks.tickvals, "yaxis.ticktext": ticks.ticktext,
      });
    };
    choice.addEventListener("change", show);
    show();
  }
})();
