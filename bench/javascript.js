'use strict';
// Writes the objects of a JSON file, by chart, to a directory: what cdk8s costs without Go.
const fs = require('fs');
const { ApiObject, App, Chart } = require('cdk8s');

const [file, outdir] = process.argv.slice(2);
const app = new App({ outdir });
for (const [id, objects] of Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')))) {
  const chart = new Chart(app, id);
  objects.forEach((object, i) => new ApiObject(chart, String(i), object));
}
app.synth();
