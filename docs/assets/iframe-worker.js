/* The search runs in a worker, and browsers start none on pages that are opened from a folder (file:). There a hidden
   frame stands in for it: it runs the same script and passes the same messages. */
"use strict";

if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.url = new URL(url, document.baseURI).href;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      window.addEventListener("message", (event) => {
        if (event.source === this.frame.contentWindow) {
          this.dispatchEvent(new MessageEvent("message", { data: event.data }));
          if (this.onmessage) this.onmessage(event);
        }
      });
      const inside = this.frame.contentDocument;
      inside.open();
      inside.write("<!doctype html><title>search</title><body></body>");
      inside.close();
      const scope = this.frame.contentWindow;
      scope.postMessage = (data) => window.postMessageFrom(scope, data);
      scope.importScripts = (...urls) => urls.reduce(
        (before, each) => before.then(() => this.load(each)), Promise.resolve());
      this.ready = this.load(this.url);
    }

    load(url) {
      return new Promise((resolve, reject) => {
        const script = this.frame.contentDocument.createElement("script");
        script.src = new URL(url, this.url).href;
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(url));
        this.frame.contentDocument.body.appendChild(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.remove();
    }
  };

  /* A message of a frame to this page: as the browser would send it. */
  window.postMessageFrom = (source, data) => {
    setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data, source })), 0);
  };
}
