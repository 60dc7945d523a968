// Starts Pyodide once, imports what most scripts begin with, and writes its memory to a file, from which later starts
// take a quarter of the time. Runs under Node's permission model like the scripts themselves.
import fs from "node:fs";

const [folder = "", file = ""] = process.argv.slice(2);

// Emscripten asks for these constants in a way that the permission model forbids.
const binding = (/** @type {string} */ name) => (name === "constants" ? { fs: fs.constants } : undefined);
Object.assign(process, { binding });

const { loadPyodide } = await import(`file://${folder.split("/").map(encodeURIComponent).join("/")}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: `${folder}/`, _makeSnapshot: true });
python.runPython("import asyncio, atexit, collections, json, os, re, sys, time, traceback, types");
fs.writeFileSync(file, python.makeMemorySnapshot());
process.exit(0);
