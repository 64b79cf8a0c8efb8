// Makes fcgi_app/web/world.c anew: the countries of the map as dots every 3 degrees, and their names.
// Outlines: Natural Earth (public domain) by the npm package world-atlas; names: i18n-iso-countries.
//
//     npm install --no-save world-atlas topojson-client i18n-iso-countries
//     node fcgi_app/dist/world.mjs > fcgi_app/web/world.c
//     node fcgi_app/dist/world.mjs ru        the names in another language, for templates/lang/ru.po
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const atlas = require('world-atlas/countries-50m.json');
const { feature } = require('topojson-client');
const names = require('i18n-iso-countries');

const STEP = 2; // between dots, for 3 degrees
const ROWS = 48, COLUMNS = 118, NORTH = 84;
// what the outlines do not number belongs, for a map, to
const UNNUMBERED = { Kosovo: 'XK', 'N. Cyprus': 'CY', Somaliland: 'SO', 'Indian Ocean Ter.': 'AU', 'Ashmore and Cartier Is.': 'AU', 'Siachen Glacier': 'IN' };
const ALSO = { en: { XK: 'Kosovo' }, ru: { XK: 'Косово' } };
const SHORT = { en: { RU: 'Russia', US: 'United States', GB: 'United Kingdom', CZ: 'Czechia', TR: 'Türkiye', LA: 'Laos', SY: 'Syria', IR: 'Iran', MD: 'Moldova', TZ: 'Tanzania', BO: 'Bolivia', VE: 'Venezuela', KR: 'South Korea', KP: 'North Korea', TW: 'Taiwan', MK: 'North Macedonia', CD: 'DR Congo', CG: 'Congo', GM: 'Gambia', CN: 'China', PS: 'Palestine', VN: 'Vietnam', BN: 'Brunei', FK: 'Falkland Islands', FM: 'Micronesia', VA: 'Vatican City' } };

// a ring over the antimeridian goes on beyond 180 degrees
function unwrap(ring) {
  let turn = 0;
  return ring.map(([x, y], i) => {
    const step = i ? x - ring[i - 1][0] : 0;
    if (step > 180) turn -= 360; else if (step < -180) turn += 360;
    return [x + turn, y];
  });
}
function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
const polygons = g => (g.type === 'Polygon' ? [g.coordinates] : g.type === 'MultiPolygon' ? g.coordinates : []).map(p => p.map(unwrap));
const inside = ([x, y], g) => [x, x + 360, x - 360].some(lon => polygons(g).some(p => inRing([lon, y], p[0]) && !p.slice(1).some(hole => inRing([lon, y], hole))));

function name(code, lang) {
  return SHORT[lang]?.[code] ?? ALSO[lang]?.[code] ?? names.getName(code, lang, { select: 'official' });
}

const countries = new Map();
for (const f of feature(atlas, atlas.objects.countries).features) {
  const code = f.id ? names.numericToAlpha2(f.id) : UNNUMBERED[f.properties.name];
  if (!code || code === 'AQ' || !f.geometry) continue;
  if (!countries.has(code)) countries.set(code, { parts: [], dots: new Map() });
  countries.get(code).parts.push(f.geometry);
}

const place = (row, column) => [column * STEP + (row % 2 ? STEP / 2 : 0) + 1, row * STEP + 1];
const degrees = (row, column) => [-180 + column * 3 + (row % 2 ? 1.5 : 0) + 1.5, NORTH - row * 3 - 1.5];
const taken = new Set();
for (let row = 0; row < ROWS; row++) for (let column = 0; column < COLUMNS; column++) {
  for (const c of countries.values()) {
    if (!c.parts.some(g => inside(degrees(row, column), g))) continue;
    if (!c.dots.has(row)) c.dots.set(row, []);
    c.dots.get(row).push(column);
    taken.add(`${row},${column}`);
    break;
  }
}
// a country that lies between the dots gets the nearest one to its largest part
for (const c of countries.values()) {
  if (c.dots.size) continue;
  const rings = c.parts.flatMap(polygons).map(p => p[0]).sort((a, b) => b.length - a.length);
  const [x, y] = rings[0].reduce((s, p) => [s[0] + p[0] / rings[0].length, s[1] + p[1] / rings[0].length], [0, 0]);
  let best, least = Infinity;
  for (let row = 0; row < ROWS; row++) for (let column = 0; column < COLUMNS; column++) {
    const [dx, dy] = degrees(row, column), far = Math.hypot(dx - x, dy - y) + (taken.has(`${row},${column}`) ? 4 : 0);
    if (far < least) { least = far; best = [row, column]; }
  }
  c.dots.set(best[0], [best[1]]);
  taken.add(best.join());
}
// a run of dots is one dashed line
function path(c) {
  let d = '';
  for (const [row, columns] of c.dots) for (let i = 0; i < columns.length;) {
    let n = 1;
    while (columns[i + n] === columns[i] + n) n++;
    const [x, y] = place(row, columns[i]);
    d += `M${x} ${y}h${(n - 1) * STEP || ''}.1`;
    i += n;
  }
  return d;
}

const codes = [...new Set([...countries.keys(), ...Object.keys(names.getAlpha2Codes())])].filter(c => name(c, 'en')).sort();
const lang = process.argv[2];
if (lang) {
  for (const c of codes) console.log(`msgid "${name(c, 'en')}"\nmsgstr "${name(c, lang) ?? name(c, 'en')}"\n`);
} else {
  console.log(`/*
 * Made by dist/world.mjs from Natural Earth's outlines (public domain).  Not
 * to be changed by hand.
 */

#include "web/world.h"

#include <string.h>

#include "util/lang.h"

/* clang-format off: one country a row */
const struct country countries[] = {`);
  for (const c of codes) console.log(`    { "${c}", N_("${name(c, 'en')}"),\n      "${countries.has(c) ? path(countries.get(c)) : ''}" },`);
  console.log(`};
/* clang-format on */
const size_t ncountries = sizeof(countries) / sizeof(countries[0]);


const struct country *
country_find(struct str code)
{
    size_t low = 0, high = ncountries;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(code, str_of(countries[middle].code));

        if (order == 0) {
            return &countries[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}`);
}
