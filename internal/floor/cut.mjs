// Cut takes a part of a bench that is small enough for the repository: of each
// form and level the smallest page that is typed and the smallest one written by
// hand, or else the two smallest. Pages of up to 110 KB, templates and truth are
// taken as they are. Larger ones are compressed harder, with the geometry and the
// colours that they have: clean ones as PNG of 16 colours, others as JPEG in the
// best quality that lets the whole stay below the limit.
//
//	npm install --prefix /tmp/cut sharp
//	cp cut.mjs /tmp/cut && node /tmp/cut/cut.mjs ../../../shared/bench/dev testdata
import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'

const [from, to] = process.argv.slice(2)
const most = 5_950_000 // bytes of all
const asItIs = 110_000 // bytes of a page

const lines = fs.readFileSync(path.join(from, 'truth.jsonl'), 'utf8').trim().split('\n')
const docs = lines.map(line => ({ ...JSON.parse(line), line }))
for (const d of docs) d.size = fs.statSync(path.join(from, d.file)).size

const picked = []
for (const place of new Set(docs.map(d => d.form + ' ' + d.level))) {
  const these = docs.filter(d => d.form + ' ' + d.level === place).sort((a, b) => a.size - b.size)
  const two = ['typed', 'hand'].map(style => these.find(d => d.style === style)).filter(Boolean)
  picked.push(...two, ...these.filter(d => !two.includes(d)).slice(0, 2 - two.length))
}

fs.rmSync(to, { recursive: true, force: true })
const write = (name, data) => {
  fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true })
  fs.writeFileSync(path.join(to, name), data)
  return data.length
}
let total = write('truth.jsonl', docs.filter(d => picked.includes(d)).map(d => d.line + '\n').join(''))
for (const form of new Set(picked.map(d => d.form))) {
  const { image } = JSON.parse(fs.readFileSync(path.join(from, form, 'template.json')))
  for (const name of ['template.json', image]) total += write(path.join(form, name), fs.readFileSync(path.join(from, form, name)))
}
const large = []
for (const d of picked) {
  const file = path.join(from, d.file)
  if (d.size <= asItIs) total += write(d.file, fs.readFileSync(file))
  else if (d.level === 'clean') total += write(d.file, await sharp(file).png({ palette: true, colours: 16, dither: 0, compressionLevel: 9, effort: 10 }).toBuffer())
  else large.push(d)
}
const qualities = [60, 50, 45, 40, 35, 30, 26, 23, 20, 18, 16, 14, 12]
for (const d of large) d.coded = await Promise.all(qualities.map(quality => sharp(path.join(from, d.file)).jpeg({ quality, mozjpeg: true }).toBuffer()))
// All share one bound of bytes, so that the harder ones pay with their quality.
let bound = 200_000
const best = d => d.coded.find(data => data.length <= bound) ?? d.coded.at(-1)
while (total + large.reduce((sum, d) => sum + best(d).length, 0) > most) bound -= 500
for (const d of large) {
  total += write(d.file, best(d))
  console.log(d.file, d.size, best(d).length, 'quality', qualities[d.coded.indexOf(best(d))])
}
console.log(picked.length, 'pages', picked.length - large.length, 'of them as they are or lossless in 16 colours;', total, 'bytes')
