// Opens Chrome traces with speedscope's own reader: node tests/speedscope.mjs PACKAGE FILE...
//
// PACKAGE is the folder of the npm package `speedscope`. That is a page for browsers and exports nothing; but its
// modules define their exports with Object.defineProperty, which is where its reader is caught here. Of the page itself
// nothing is needed, so a browser is only hinted at.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import vm from "node:vm";

const READER = "importProfileGroupFromText";

function load(folder) {
  const release = join(folder, "dist/release");
  const script = readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
  let modules;
  const context = vm.createContext({
    catchExports: (target, name) => { if (name === READER) modules = target; },
    console: { ...console, log() {} },
    document: {}, location: { hash: "", protocol: "file:" }, navigator: { userAgent: "" }, localStorage: {},
    performance, TextDecoder, TextEncoder, URL, setTimeout, clearTimeout, atob, btoa,
  });
  vm.runInContext(`
    globalThis.window = globalThis.self = globalThis;
    const define = Object.defineProperty;
    Object.defineProperty = (target, name, how) => {
      catchExports(target, name);
      return define(target, name, how);
    };`, context);
  try {
    vm.runInContext(readFileSync(join(release, script), "utf8"), context);
  } catch (error) {
    // The page cannot be drawn here. By then its modules are defined, or the reader is missed below.
    if (!modules) throw error;
  }
  return modules;
}

// Where it throws, node would show the line, and the page's script is one line.
process.on("uncaughtException", (error) => {
  process.stderr.write(`speedscope cannot be asked: ${error.message}\n`);
  process.exit(1);
});
const [folder, ...files] = process.argv.slice(2);
const warnings = [];
for (const level of ["warn", "error"]) console[level] = (...words) => warnings.push(words.join(" "));
const modules = load(folder);
// Its modules start with the next turn of the loop.
await new Promise((resolve) => setTimeout(resolve));
for (const file of files) {
  const group = await modules[READER](basename(file), readFileSync(file, "utf8"));
  const profiles = group?.profiles ?? [];
  const frames = new Set();
  profiles.forEach((profile) => profile.forEachFrame((frame) => frames.add(frame.name)));
  const named = ["running", "waiting"].filter((state) => [...frames].some((name) => name.startsWith(state)));
  if (profiles.length === 0 || named.length === 0 || warnings.length > 0) {
    process.stderr.write(`speedscope takes ${file} amiss: ${profiles.length} profiles; ${warnings.join("; ")}\n`);
    process.exit(1);
  }
  process.stdout.write(`speedscope opens ${basename(file)}: ${profiles.length} tracks, ${frames.size} names\n`);
}
