// Judges the AsyncAPI document, whose path is the argument, with AsyncAPI's own parser: its form, its references, its examples.

import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

/** What the parser calls an error or a warning; below are hints, such as one at a newer version of the format. */
const WARNING = 1;

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
const findings = diagnostics.filter(({ severity }) => severity <= WARNING);
for (const { code, message, path } of findings) console.log(`${path.join("/")}: ${message} (${code})`);
if (document === undefined || findings.length > 0) process.exit(1);
console.log(`${document.allMessages().length} messages`);
