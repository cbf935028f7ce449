// Beside the page: asks its session worker what the page could ask, and marks when it was asked and when the answer
// was drawn.
(() => {
  const bench = (window.bench = { view: { rows: 0 }, first: 0 });
  let session = null;
  let expected = null;

  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.m?.Open) {
      session = this;
      session.addEventListener("message", ({ data }) => heard(data.m));
    }
    return post.call(this, message, ...rest);
  };

  function heard(message) {
    if (message.View) bench.view = message.View;
    if (message.Rows?.start === 0) bench.first = message.Rows.rows[0].node;
    if (!expected || typeof message !== "object" || !(expected.answer in message)) return;
    if (expected.answer === "View" && message.View.rows > 0) {
      // The page itself asks for the rows of a new view.
      expected.answer = "Rows";
      return;
    }
    const { done, counts } = expected;
    expected = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        if (counts) performance.mark("drawn");
        done(true);
      };
      port2.postMessage(0);
    });
  }

  bench.ask = (message, answer, counts) =>
    new Promise((done) => {
      expected = { answer, done, counts };
      if (counts) performance.mark("asked");
      session.postMessage({ m: message });
    });

  // Through the whole list, a place a frame, as when its bar is dragged.
  bench.drag = async (steps) => {
    const tree = document.querySelector("[data-testid='tree']");
    for (let step = 0; step < steps; step++) {
      tree.scrollTop = (tree.scrollHeight * step) / steps;
      await new Promise(requestAnimationFrame);
    }
  };
})();
