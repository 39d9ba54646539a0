"use strict";
// Draws the figures of the page. A panel is a pure function of its data and of what the reader
// chose (options of switches, hidden entries of the legend, zoom): each change draws it anew.
(() => {
  const NEAR = 40; // pixels from a point in which it is told of
  const DRAG = 6; // pixels from which on a press is a zoom
  const TALLEST = { screen: 420, paper: 270 }; // pixels of a panel
  const PAPER = 660; // pixels of a figure in print, whose letters then are as large as in its PDF
  let paper = false; // while the page is printed
  const chosen = {}; // option by label of the switch, in all figures of the page
  const moved = {}; // number by name of the slider, likewise

  // Nothing is ever loaded; a picture stands within the data.
  const loader = {
    load: () => Promise.reject(new Error("figures load nothing")),
    sanitize: (uri) => uri.startsWith("data:image/png;base64,")
      ? Promise.resolve({ href: uri }) : Promise.reject(new Error("figures load nothing")),
  };

  const embedding = {
    mode: "vega-lite", renderer: "svg", config: chartTheme, loader, actions: false, hover: false,
    defaultStyle: false, logLevel: 1,
    tooltip: () => {}, // ours tells of the nearest point
  };

  const unpacked = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
  };

  const rows = (columns) => {
    const names = Object.keys(columns);
    return (columns[names[0]] ?? []).map((_, i) =>
      Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  };

  const units = (spec) => [spec, ...(spec.layer ?? []).flatMap(units)];

  const patch = (spec, changes) => {
    for (const { encoding } of units(spec)) {
      for (const [channel, change] of Object.entries(changes)) {
        if (encoding?.[channel]?.field) Object.assign(encoding[channel], change);
      }
    }
  };

  // Where a figure's slider stands: at the number that was chosen, or the last before it.
  const placeOf = ({ input, values }) => {
    const number = moved[input.dataset.slider] ?? Infinity;
    return Math.max(values.findLastIndex((value) => value <= number), 0);
  };
  const standing = ({ slider }) => slider.values[placeOf(slider)];

  const specification = (panel, figure) => {
    const spec = structuredClone(panel.spec);
    for (const option of Object.values(chosen)) patch(spec, panel.options[option] ?? {});
    for (const param of spec.params ?? []) param.value = standing(figure);
    for (const [channel, domain] of Object.entries(panel.zoom)) {
      for (const unit of units(spec)) {
        const encoded = unit.encoding?.[channel];
        if (!encoded?.field) continue;
        encoded.scale = { type: encoded.scale?.type, domain, nice: false, zero: false };
        if (encoded.axis) encoded.axis = { ...encoded.axis, values: undefined, labelExpr: undefined };
        if (unit.mark) unit.mark = { ...(unit.mark.type ? unit.mark : { type: unit.mark }), clip: true };
      }
    }
    const seen = (row) => !figure.hidden.has(row.series);
    const datasets = Object.entries(figure.frames).map(([name, frame]) => [name, frame.filter(seen)]);
    const width = paper ? PAPER / figure.columns : panel.box.clientWidth;
    const height = panel.height ?? Math.min(width / panel.aspect, paper ? TALLEST.paper : TALLEST.screen);
    const autosize = { type: "fit-x", contains: "padding" };
    return { ...spec, width, height, autosize, datasets: Object.fromEntries(datasets) };
  };

  const draw = async (panel, figure) => {
    const spec = specification(panel, figure);
    const change = panel.change = {};
    const stage = document.createElement("div");
    const drawn = await vegaEmbed(stage, spec, embedding);
    if (panel.change !== change) return drawn.finalize(); // overtaken by a later one
    panel.drawn?.finalize();
    panel.drawn = drawn;
    panel.view = drawn.view;
    panel.box.replaceChildren(stage);
    if (figure.slider) follow(panel, figure); // it may have moved on
  };

  // Data and axes stay as they are, so a move is no new drawing: it would not keep up.
  const follow = (panel, figure) => {
    const name = figure.slider.input.dataset.slider;
    const number = standing(figure);
    if (panel.view && panel.view.signal(name) !== number) panel.view.signal(name, number).runAsync();
  };

  const move = (figure) => {
    const { input } = figure.slider;
    input.value = placeOf(figure.slider);
    input.nextElementSibling.textContent = standing(figure);
    input.setAttribute("aria-valuetext", standing(figure));
    untell();
    for (const panel of figure.panels) follow(panel, figure);
  };

  // Points of lines, markers and cells that have something to tell, with their places in the view.
  const telling = (group, x, y) => (group.items ?? []).flatMap((item) => {
    if (item.items) return telling(item, x + (item.x ?? 0), y + (item.y ?? 0));
    return item.tooltip && Number.isFinite(item.x) && Number.isFinite(item.y)
      ? [{ item, x: x + item.x + (item.width ?? 0) / 2, y: y + item.y + (item.height ?? 0) / 2 }] : [];
  });

  const place = (panel, event) => {
    const box = panel.box.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const nearest = (panel, x, y) => {
    const [left, top] = panel.view.origin();
    let best = null;
    for (const found of telling(panel.view.scenegraph().root, left, top)) {
      const { width, height } = found.item; // of a cell: the pointer is in it or not
      const distance = width && height
        ? (Math.abs(found.x - x) <= width / 2 && Math.abs(found.y - y) <= height / 2 ? 0 : Infinity)
        : Math.hypot(found.x - x, found.y - y);
      if (distance < (best?.distance ?? NEAR)) best = { ...found, distance };
    }
    return best;
  };

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };

  const tip = element("div", "chart-tip");
  const ring = element("div", "chart-near");
  const untell = () => { tip.remove(); ring.remove(); };

  const tell = (panel, figure, event) => {
    if (!panel.view) return;
    const found = nearest(panel, ...place(panel, event));
    if (!found) return untell();
    const { item } = found;
    const list = element("dl", "");
    for (const [name, value] of Object.entries(item.tooltip)) {
      list.append(element("dt", "", name), element("dd", "", String(value)));
    }
    const entry = figure.box.querySelector(`[data-series="${Number(item.datum.series ?? -1)}"]`);
    const name = entry ? [element("div", "chart-name", ...[...entry.children].map((c) => c.cloneNode(true)))] : [];
    tip.replaceChildren(...name, list);
    document.body.append(tip);
    const right = event.clientX + 16 + tip.offsetWidth > window.innerWidth;
    const below = event.clientY + 16 + tip.offsetHeight > window.innerHeight;
    tip.style.left = `${Math.max(0, event.clientX + (right ? -12 - tip.offsetWidth : 16))}px`;
    tip.style.top = `${Math.max(0, event.clientY + (below ? -12 - tip.offsetHeight : 16))}px`;
    if (item.width && item.height) return ring.remove();
    ring.style.left = `${found.x}px`;
    ring.style.top = `${found.y}px`;
    panel.box.append(ring);
  };

  // A rectangle drawn with the mouse becomes the panel's domain; touch is left to scrolling.
  const zoomable = (panel, figure) => {
    const frame = element("div", "chart-zoom");
    let from = null;
    const corners = (event) => {
      const [left, top] = panel.view.origin();
      const limits = [[left, left + panel.view.width()], [top, top + panel.view.height()]];
      const to = place(panel, event);
      return limits.map(([low, high], i) => [from[i], to[i]]
        .map((at) => Math.min(Math.max(at, low), high)).sort((a, b) => a - b));
    };
    const axes = () => ["x", "y"].map((channel) => {
      const type = panel.view.scale(channel)?.type ?? "";
      return ["linear", "log", "sqrt", "pow"].includes(type) && !panel.fixed.includes(channel) && channel;
    });
    panel.box.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button || !panel.view) return;
      event.preventDefault(); // no selection of text
      panel.box.setPointerCapture(event.pointerId);
      from = place(panel, event);
    });
    panel.box.addEventListener("pointermove", (event) => {
      if (!from) return tell(panel, figure, event);
      untell();
      const box = corners(event);
      const whole = [[0, panel.view.width()], [0, panel.view.height()]]
        .map(([low, high], i) => [low, high].map((at) => at + panel.view.origin()[i]));
      const [[x0, x1], [y0, y1]] = axes().map((axis, i) => axis ? box[i] : whole[i]);
      Object.assign(frame.style, {
        left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px`,
      });
      panel.box.append(frame);
    });
    panel.box.addEventListener("pointerup", (event) => {
      if (!from) return;
      const box = corners(event);
      from = null;
      frame.remove();
      const zoom = axes().flatMap((axis, i) => {
        if (!axis || box[i][1] - box[i][0] < DRAG) return [];
        const ends = box[i].map((at) => panel.view.scale(axis).invert(at - panel.view.origin()[i]));
        return [[axis, ends.sort((a, b) => a - b)]];
      });
      if (zoom.length) setZoom(panel, figure, { ...panel.zoom, ...Object.fromEntries(zoom) });
    });
    panel.box.addEventListener("pointercancel", () => { from = null; frame.remove(); });
    panel.box.addEventListener("pointerleave", untell);
    panel.box.addEventListener("dblclick", () => setZoom(panel, figure, {}));
  };

  const setZoom = (panel, figure, zoom) => {
    panel.zoom = zoom;
    figure.reset.hidden = figure.panels.every((one) => !Object.keys(one.zoom).length);
    untell();
    draw(panel, figure);
  };

  const redraw = (figure) => {
    untell();
    for (const button of figure.box.querySelectorAll("[data-switch]")) {
      const option = chosen[button.dataset.switch];
      if (option) button.setAttribute("aria-pressed", String(button.value === option));
    }
    return Promise.all(figure.panels.map((panel) => draw(panel, figure)));
  };

  const toggle = (figure, number, alone) => {
    const entries = [...figure.box.querySelectorAll("[data-series]")];
    const others = entries.map((_, i) => i).filter((i) => i !== number);
    if (alone) {
      const already = !figure.hidden.has(number) && others.every((i) => figure.hidden.has(i));
      figure.hidden = new Set(already ? [] : others);
    } else if (!figure.hidden.delete(number)) {
      figure.hidden.add(number);
    }
    entries.forEach((entry, i) => entry.setAttribute("aria-pressed", String(!figure.hidden.has(i))));
    redraw(figure);
  };

  const start = async (box) => {
    const { panels, frames, slider } = await unpacked(box.querySelector("script").textContent);
    const figure = {
      box,
      hidden: new Set(), // numbers of entries of the legend
      frame: 0,
      reset: box.querySelector(".chart-reset"),
      slider: slider && { values: slider, input: box.querySelector("[data-slider]") },
      frames: Object.fromEntries(Object.entries(frames).map(([name, frame]) => [name, rows(frame)])),
    };
    const boxes = box.querySelectorAll(".chart-panel");
    figure.columns = Number(boxes[0].parentElement.style.getPropertyValue("--columns"));
    figure.panels = panels.map((panel, i) => ({ ...panel, box: boxes[i], zoom: {} }));
    for (const panel of figure.panels) {
      // An axis that is not drawn counts lines of text: there is nothing to zoom into.
      panel.fixed = ["x", "y"].filter((channel) => units(panel.spec).some(
        ({ encoding }) => encoding?.[channel]?.axis === null));
      zoomable(panel, figure);
    }
    if (slider) {
      const { input } = figure.slider;
      input.addEventListener("input", () => {
        moved[input.dataset.slider] = slider[input.value];
        for (const other of figures.values()) {
          if (other.slider?.input.dataset.slider === input.dataset.slider) move(other);
        }
      });
      move(figure);
    }
    figure.reset.addEventListener("click", () => {
      for (const panel of figure.panels) setZoom(panel, figure, {});
    });
    box.addEventListener("click", (event) => {
      const entry = event.target.closest("[data-series]");
      if (entry) toggle(figure, Number(entry.dataset.series), event.shiftKey);
    });
    box.addEventListener("dblclick", (event) => {
      const entry = event.target.closest("[data-series]");
      if (entry) toggle(figure, Number(entry.dataset.series), true);
    });
    return figure;
  };

  const figures = new Map(); // by element, once they are unpacked
  const widths = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) {
      const figure = figures.get(target);
      if (!contentRect.width || figure.width === contentRect.width) continue;
      figure.width = contentRect.width;
      cancelAnimationFrame(figure.frame); // drawn within the observer, it would be told again
      figure.frame = requestAnimationFrame(() => redraw(figure));
    }
  });
  const started = new Map(); // promises, by element
  const prepare = (box) => {
    if (!started.has(box)) started.set(box, start(box).then((figure) => figures.set(box, figure)));
    return started.get(box);
  };
  const show = async (box) => {
    if (!box.offsetWidth) return;
    await prepare(box);
    widths.observe(box); // draws it at once
  };

  // The page counts as loaded, and is printed, only after that: a document that is still written
  // is a part of it that is still loaded.
  const delayLoad = (promise) => {
    const part = document.body.appendChild(element("iframe", ""));
    part.hidden = true;
    part.contentDocument.open();
    promise.finally(() => { part.contentDocument.close(); part.remove(); });
  };

  // A browser prints once the listener is done. So is the drawing: what it waits for is done
  // before, since nothing is loaded and what the figures are of is unpacked with the page.
  const redrawOpen = () => {
    for (const figure of figures.values()) if (figure.box.offsetWidth) redraw(figure);
  };
  window.addEventListener("beforeprint", () => { paper = true; redrawOpen(); });
  window.addEventListener("afterprint", () => { paper = false; redrawOpen(); });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-switch]");
    if (!button) return;
    chosen[button.dataset.switch] = button.value;
    for (const figure of figures.values()) {
      for (const panel of figure.panels) panel.zoom = {}; // which may be of the other axis
      figure.reset.hidden = true;
      if (figure.box.offsetWidth) redraw(figure);
      else figure.width = 0; // once it is opened
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(".chart");
    const seen = new IntersectionObserver((changes) => {
      for (const change of changes) if (change.isIntersecting) show(change.target);
    }, { rootMargin: "400px" });
    const open = [...boxes].filter((box) => box.offsetWidth);
    delayLoad(Promise.all(open.map(prepare)));
    boxes.forEach((box) => seen.observe(box));
    // One by one the others follow, so that they are there when they are scrolled to.
    const waiting = [...boxes];
    const next = () => { if (waiting.length) show(waiting.shift()).then(() => setTimeout(next, 100)); };
    window.addEventListener("load", () => setTimeout(next, 1000));
  });
})();
