// Serves a built page on loopback, with the configuration at /config.json. Any static file server will do in its place, as long
// as it serves such a file.
//
//   FOLDER          what to serve; dist/ beside this file unless set
//   TLS_CERT_FILE, TLS_KEY_FILE  for https
//   PORT            where to listen (3000; 0 for any free port)
//   AUTH0_DOMAIN    the tenant, as Auth0 shows it; http://localhost:4400 with the tenant of `cargo xtask dev`
//   AUTH0_CLIENT_ID the single page application in that tenant
//   AUTH0_AUDIENCE  the identifier of the API: without it Auth0 gives tokens that no backend can read
//   API_URL         where authsync is

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const config = {
  domain: process.env.AUTH0_DOMAIN ?? "http://localhost:4400",
  clientId: process.env.AUTH0_CLIENT_ID ?? "spa-client-of-the-frontend",
  audience: process.env.AUTH0_AUDIENCE ?? "https://authsync.example/api",
  apiUrl: (process.env.API_URL ?? "http://127.0.0.1:8080").replace(/\/$/, ""),
};

const folder = process.env.FOLDER ?? fileURLToPath(new URL("dist", import.meta.url));

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

// The page may talk to the tenant and to authsync and to nobody else. The worker is where Auth0's SDK keeps its refresh
// token, the frame is how it renews after a reload.
const tenant = new URL(/^https?:/.test(config.domain) ? config.domain : `https://${config.domain}`).origin;
const api = new URL(config.apiUrl).origin;
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' https:",
  "worker-src blob:",
  `frame-src ${tenant}`,
  `connect-src 'self' ${tenant} ${api} ${api.replace(/^http/, "ws")}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

async function answer(request, response) {
  const headers = {
    "cache-control": "no-store",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  const { pathname } = new URL(request.url, "http://localhost");
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  if (name === "config.json") {
    response.writeHead(200, { ...headers, "content-type": types[".json"] }).end(JSON.stringify(config));
    return;
  }
  try {
    // The folder is flat: a name with a slash is no file of it.
    if (!/^[\w-]+(\.[\w-]+)+$/.test(name)) throw new Error("no such file");
    const body = await readFile(join(folder, name));
    const type = types[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": type }).end(body);
  } catch {
    response.writeHead(404, { ...headers, "content-type": types[".txt"] }).end("Not found\n");
  }
}

const { TLS_CERT_FILE, TLS_KEY_FILE } = process.env;
const server = TLS_CERT_FILE
  ? createTlsServer({ cert: await readFile(TLS_CERT_FILE), key: await readFile(TLS_KEY_FILE) }, answer)
  : createServer(answer);

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`serving on ${TLS_CERT_FILE ? "https" : "http"}://localhost:${server.address().port}`);
});

// Ends with the program that started it.
if (process.argv.includes("--stdin-guard")) {
  process.stdin.resume().on("end", () => process.exit(0));
}
