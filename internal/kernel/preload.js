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
  const record = readRecord();
  fs.writeSync = (fd, data, ...rest) => {
    if (fd !== 3) return writeSync(fd, data, ...rest);
    if (!record.repeats()) return writeSync(1, data, ...rest);
    const difference = record.compare(data.toString().trimEnd());
    if (difference) fail(difference);
    return data.length;
  };
  fs.readSync = (fd, buffer, ...rest) => {
    if (fd !== 3) return readSync(fd, buffer, ...rest);
    const length = record.read(buffer) || readSync(0, buffer, ...rest);
    exitIfAsked(buffer.subarray(0, length));
    return length;
  };
  function exitIfAsked(request) {
    if (!request.includes(process.env.AI_PLATFORM_KERNEL_EXIT)) return;
    // An exit of its own accord, with nobody waiting for it yet, is the one that the Go runtime reports nothing about.
    writeSync(1, JSON.stringify({ error: String(process.pid) }) + '\n');
    process.exit(0);
  }
  // Answers all requests from now on with the difference. The program might not read the answer of a process that is gone.
  function fail(difference) {
    if (process.env.AI_PLATFORM_KERNEL_COMPARE) writeSync(2, difference + '\n');
    const buffer = Buffer.alloc(1 << 16);
    for (let request = '\n'; request && !request.startsWith('{"exit":'); request = buffer.toString('latin1', 0, readSync(0, buffer))) {
      exitIfAsked(request);
      if (request.endsWith('\n')) writeSync(1, JSON.stringify({ error: difference }) + '\n');
    }
    process.exit(0);
  }
}

// What the native kernel has answered is asked again here, and must be answered the same. The request that it did not answer comes
// last.
function readRecord() {
  const [file, answered, next] = ['RECORD', 'ANSWERED', 'NEXT'].map((name) => {
    const value = process.env[`AI_PLATFORM_KERNEL_${name}`];
    delete process.env[`AI_PLATFORM_KERNEL_${name}`];
    return value;
  });
  if (!file) return { repeats: () => false, read: () => 0 };
  const lines = linesOf(file);
  let left = Number(answered) + 1; // The first answer is the greeting, which was answered otherwise.
  let asked = null;
  let last = fs.readFileSync(next);
  fs.rmSync(next);
  let chunk = Buffer.alloc(0);
  return {
    repeats: () => left > 0,
    // Reads one line at a time, as the answers are compared one by one.
    read(buffer) {
      if (chunk.length === 0) {
        if (left > 0) chunk = Buffer.from((asked = lines.next().value) + '\n');
        else [chunk, last] = [last, chunk];
      }
      const length = chunk.copy(buffer);
      chunk = chunk.subarray(length);
      return length;
    },
    compare(line) {
      left--;
      if (asked === null) return null;
      const want = lines.next().value;
      const have = line.startsWith('{"error":') ? JSON.stringify({ ...JSON.parse(line), stack: undefined }) : line;
      if (want === have) return null;
      let at = 0;
      while (want[at] === have[at]) at++;
      const text = (s) => JSON.stringify(s.slice(Math.max(at - 200, 0), at + 200));
      return `the native kernel differs from Node.js: ${text(want)} instead of ${text(have)} is the answer to ` +
        `${asked.slice(0, 400)}: set AI_PLATFORM_KERNEL=node, and report this`;
    },
  };
}

// The file is removed at once, and read as it is needed: that of a program that has rendered for hours is longer than a string may be.
function* linesOf(file) {
  const { readSync } = fs;
  const fd = fs.openSync(file);
  fs.rmSync(file);
  const buffer = Buffer.alloc(1 << 16);
  let parts = [];
  for (let length; (length = readSync(fd, buffer)) > 0; ) {
    let start = 0;
    for (let end; (end = buffer.indexOf(10, start)) >= 0 && end < length; start = end + 1) {
      yield Buffer.concat([...parts, buffer.subarray(start, end)]).toString();
      parts = [];
    }
    parts.push(Buffer.from(buffer.subarray(start, length)));
  }
  fs.closeSync(fd);
}

// Ctrl-C reaches the whole process group. The kernel ends when its input does, and tidies up on the way.
function outliveSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
}
