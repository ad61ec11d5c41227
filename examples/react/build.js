// Bundles the page into dist/; ../spa/serve.js serves it.

import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"), { recursive: true });
await build({
  entryPoints: [here("src/main.jsx")],
  outfile: here("dist/main.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "linked",
  logLevel: "warning",
});
await cp(here("src/index.html"), here("dist/index.html"));
for (const file of ["style.css", "icon.svg"]) await cp(here(`../spa/src/${file}`), here(`dist/${file}`));
