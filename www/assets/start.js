// Checks what the browser can do, then loads the program. A classic script, so that old browsers run it too and can
// say what they lack.
(function () {
  "use strict";
  var script = document.currentScript;
  var root = document.documentElement;

  // Before the first paint of the program, so that a chosen theme does not flash.
  try {
    var theme = localStorage.getItem("lagvis.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    // Storage may be refused; the system's theme is used then.
  }

  function missing(what, detail) {
    var items = document.querySelectorAll("[data-missing]");
    for (var i = 0; i < items.length; i += 1) items[i].hidden = items[i].getAttribute("data-missing") !== what;
    if (detail) document.querySelector("[data-missing-detail]").textContent = String(detail);
    root.removeAttribute("data-loading");
  }

  root.setAttribute("data-loading", "");
  if (typeof WebAssembly !== "object" || typeof WebAssembly.validate !== "function") return missing("wasm");
  // A module with one function that splats a byte over a vector and counts its bits.
  var simd = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]);
  if (!WebAssembly.validate(simd)) return missing("simd");

  // The site opens without its server next time. Browsers have this over https and on localhost.
  function keep() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.register("sw.js", { updateViaCache: "none" }).catch(function () {
      // Refused, by a private window say: the site then needs its server, as the view of what is kept tells.
    });
  }

  function address(name) {
    return new URL(script.getAttribute(name), document.baseURI).href;
  }
  import(address("data-js"))
    .then(function (program) {
      return program.default({ module_or_path: address("data-wasm") });
    })
    .then(function () {
      document.getElementById("missing").remove();
      root.removeAttribute("data-loading");
      keep();
    })
    .catch(function (error) {
      missing("load", error);
    });
})();
