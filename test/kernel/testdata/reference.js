'use strict';
// Answers each line of standard input, a JSON document, with a line: what cdk8s and JavaScript make of the document. Its argument is the
// directory of cdk8s's package.
const fs = require('fs');
const path = require('path');

const { Yaml } = require(path.join(process.argv[2], 'lib', 'yaml.js'));

function strings(value) {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...strings(item)]);
}

function answer(line) {
  const value = JSON.parse(line);
  return JSON.stringify({
    yaml: Yaml.stringify(value),
    json: JSON.stringify(value),
    sorted: strings(value).sort(),
    length: strings(value).join('').length,
  });
}

const lines = fs.readFileSync(0, 'utf8').split('\n').slice(0, -1);
fs.writeFileSync(1, lines.map(answer).join('\n') + '\n');
