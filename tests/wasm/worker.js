// Runs the engine's tests (see main.rs) and tells how that ended: libtest's exit code or the trap, and what was called.
"use strict";

Error.stackTraceLimit = 40;

// libtest calls each test through the module's table, by a symbol that names the test.
const TEST = /^_RNvYNC.*6lagvis.*8function6FnOnceuE9call_once/;

// Made of wasm: a table takes no other functions. It imports one (i32) -> () and exports it.
const NOTING = new WebAssembly.Module(new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 5, 1, 0x60, 1, 0x7f, 0,
  2, 7, 1, 1, 0x74, 1, 0x66, 0, 0,
  7, 5, 1, 1, 0x66, 0, 0,
]));

/** Names of functions by their index, from the module's own section of names. */
function symbols(module) {
  const names = new Map();
  const [section] = WebAssembly.Module.customSections(module, "name");
  const bytes = new Uint8Array(section ?? new ArrayBuffer(0));
  const text = new TextDecoder();
  let at = 0;
  const number = () => {
    let value = 0, shift = 0, byte;
    do {
      byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return value >>> 0;
  };
  while (at < bytes.length) {
    const kind = bytes[at++];
    const end = number() + at;
    if (kind === 1) {
      for (let left = number(); left > 0; left--) {
        const index = number();
        const length = number();
        names.set(index, text.decode(bytes.subarray(at, at += length)));
      }
    }
    at = end;
  }
  return names;
}

/** Puts a function that notes the call before each test of the table. */
function note(table, names, ran) {
  for (let slot = 0; slot < table.length; slot++) {
    const test = table.get(slot);
    // The name of an exported function is its index.
    const symbol = test && names.get(Number(test.name));
    if (!symbol || !TEST.test(symbol)) continue;
    const noting = place => {
      ran.push(symbol);
      test(place);
    };
    table.set(slot, new WebAssembly.Instance(NOTING, { t: { f: noting } }).exports.f);
  }
}

/** The panic's words: there is no output, but libtest captures it, and a trap leaves memory as it is. */
function lastPanic(memory) {
  const text = new TextDecoder().decode(memory.buffer);
  const said = [...text.matchAll(/panicked at [^\0]{1,200}?:\d+:\d+:\n[^\0]{0,4000}/g)];
  return said.map(([words]) => words.split("\nnote: run with")[0]).sort((a, b) => a.length - b.length).at(-1);
}

async function run() {
  const module = await WebAssembly.compileStreaming(fetch("tests.wasm"));
  // No import: the engine needs nothing of its host. A test that does fails here by name.
  const { exports } = await WebAssembly.instantiate(module, {});
  const ran = [];
  note(exports.__indirect_function_table, symbols(module), ran);
  try {
    return { ran, code: exports.main(0, 0) };
  } catch (trap) {
    return { ran, message: String(trap), stack: trap.stack, panic: lastPanic(exports.memory) };
  }
}

run().catch(error => ({ ran: [], message: String(error) })).then(outcome => postMessage(outcome));
