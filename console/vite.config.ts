import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** While the console is written: the worker behind `npm run dev`, started with `--allow-origin http://localhost:5173`. */
const worker = process.env.TALLOW_URL ?? "http://127.0.0.1:7300";

export default defineConfig({
  plugins: [react()],
  // Nothing is inlined: the content security policy takes files alone.
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
  server: { proxy: { "/v1": worker, "/openapi.json": worker } },
});
