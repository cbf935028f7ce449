// Loads the page's own program in a worker. The page gives its addresses, since their names change with every build.
(function () {
  "use strict";
  var given = new URL(self.location.href).searchParams;
  function address(name) {
    return new URL(given.get(name), self.location.href).href;
  }
  import(address("js"))
    .then(function (program) {
      return program.default({ module_or_path: address("wasm") });
    })
    .catch(function (error) {
      // Thrown outside the promise, so that the page is told of it.
      setTimeout(function () {
        throw error;
      });
    });
})();
