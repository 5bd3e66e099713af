'use strict';
// Loaded with --require before the jsii runtime. The runtime is two processes: a launcher that copies every message
// between its standard streams and file descriptor 3 of the kernel proper. This runs the kernel in the first process
// and lets its descriptor 3 be the standard streams, which saves a process and a copy of each message both ways.
const fs = require('fs');
const Module = require('module');
const path = require('path');

const loadJS = Module._extensions['.js'];

Module._extensions['.js'] = function (module, file) {
  if (path.basename(file) !== 'jsii-runtime.js') return loadJS(module, file);
  Module._extensions['.js'] = loadJS;
  const folder = path.dirname(path.dirname(file));
  forgetPreload();
  protectStandardOutput();
  connectKernel();
  outliveSignals();
  process.once('exit', () => fs.rmSync(path.dirname(folder), { recursive: true, force: true }));
  return loadJS(module, path.join(folder, 'lib', 'program.js'));
};

// cdk8s reads files in a Node.js of its own, which inherits the options. It is not to be a kernel.
function forgetPreload() {
  const options = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = options.slice(0, options.lastIndexOf(' --require '));
}

// Standard output carries the protocol, so whatever else would be printed there goes to standard error.
function protectStandardOutput() {
  Object.defineProperty(process, 'stdout', { get: () => process.stderr });
}

function connectKernel() {
  const { readSync, writeSync } = fs;
  fs.writeSync = (fd, ...rest) => writeSync(fd === 3 ? 1 : fd, ...rest);
  fs.readSync = (fd, buffer, ...rest) => {
    if (fd !== 3) return readSync(fd, buffer, ...rest);
    const length = readSync(0, buffer, ...rest);
    // An exit of its own accord, with nobody waiting for it yet, is the one that the Go runtime reports nothing about.
    if (buffer.subarray(0, length).includes(process.env.AI_PLATFORM_KERNEL_EXIT)) {
      writeSync(1, JSON.stringify({ error: String(process.pid) }) + '\n');
      process.exit(0);
    }
    return length;
  };
}

// Ctrl-C reaches the whole process group. The kernel ends when its input does, and tidies up on the way.
function outliveSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
}
