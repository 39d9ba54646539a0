// Browsers start no Worker for a page that was opened from disk. There, the script of the search
// runs in a hidden frame instead, which is all that it needs. The search looks for this name.
window.IFrameWorker = class extends EventTarget {
  constructor(url) {
    super();
    this.waiting = [];
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.append(frame);
    this.inside = frame.contentWindow;
    this.inside.document.open();
    this.inside.document.write("<!doctype html><body>");
    this.inside.document.close();
    this.inside.importScripts = (...urls) =>
      urls.reduce((before, next) => before.then(() => this.load(next)), Promise.resolve());
    this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
    this.load(url).then(() => {
      this.loaded = true;
      this.waiting.forEach((data) => this.postMessage(data));
    });
  }

  load(url) {
    const page = this.inside.document;
    const script = page.createElement("script");
    script.src = new URL(url, document.baseURI).href;
    return new Promise((loaded, failed) => {
      script.onload = loaded;
      script.onerror = failed;
      page.body.append(script);
    });
  }

  postMessage(data) {
    if (this.loaded) this.inside.dispatchEvent(new MessageEvent("message", { data }));
    else this.waiting.push(data);
  }

  terminate() {
    this.inside.frameElement.remove();
  }
};
if (location.protocol === "file:") window.Worker = window.IFrameWorker;
