/** A line: its name, and its points as (x, y), all above 0. */
export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  title: string;
  lines: readonly Line[];
}

/** Light and dark, in the order of the lines. */
const COLOURS = [
  ['#0550ae', '#79c0ff'],
  ['#953800', '#ffa657'],
  ['#116329', '#7ee787'],
];
const PANEL = { width: 430, height: 330, left: 62, right: 96, top: 46, bottom: 52 };

/**
 * Draws lines over the same powers of ten, both ways logarithmic: what grows in proportion rises at 45 degrees. It is
 * readable in light and in dark.
 * @param about what a reader hears who does not see it
 * @returns an SVG document
 */
export function drawChart(title: string, about: string, across: string, panels: readonly Panel[]): string {
  const width = PANEL.width * panels.length;
  const [light, dark] = [0, 1].map((mode) =>
    COLOURS.map(
      (modes, index) => `.line-${index} { stroke: ${modes[mode]} } .mark-${index} { fill: ${modes[mode]} }`,
    ).join(' '),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height}" role="img" aria-labelledby="title about">
<title id="title">${escaped(title)}</title>
<desc id="about">${escaped(about)}</desc>
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .back { fill: #ffffff } .grid { stroke: #d1d9e0 } .quiet { fill: #59636e }
.heading { font-weight: 600 } .line { fill: none; stroke-width: 2 } ${light}
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .back { fill: #0d1117 } .grid { stroke: #3d444d } .quiet { fill: #9198a1 } ${dark}
}
</style>
<rect class="back" width="${width}" height="${PANEL.height}"/>
${panels.map((panel, index) => drawPanel(panel, across, index * PANEL.width)).join('\n')}
</svg>
`;
}

function drawPanel({ title, lines }: Panel, across: string, left: number): string {
  const all = lines.flatMap(({ points }) => points);
  const x = scale(
    all.map(([value]) => value),
    [PANEL.left, PANEL.width - PANEL.right],
  );
  const y = scale(
    all.map(([, value]) => value),
    [PANEL.height - PANEL.bottom, PANEL.top],
  );
  const [bottom, right] = [PANEL.height - PANEL.bottom, PANEL.width - PANEL.right];
  const grid = [
    ...y.powers.map((power) => [
      `<line class="grid" x1="${PANEL.left}" x2="${right}" y1="${y.at(power)}" y2="${y.at(power)}"/>`,
      `<text class="quiet" x="${PANEL.left - 8}" y="${y.at(power) + 4}" text-anchor="end">${spell(power)}</text>`,
    ]),
    ...x.powers.map((power) => [
      `<line class="grid" x1="${x.at(power)}" x2="${x.at(power)}" y1="${PANEL.top}" y2="${bottom}"/>`,
      `<text class="quiet" x="${x.at(power)}" y="${bottom + 18}" text-anchor="middle">${spell(power)}</text>`,
    ]),
  ].flat();
  const drawn = lines.map(({ name, points }, index) => {
    const places = points.map(([across, up]) => [x.at(across), y.at(up)] as const);
    const [lastX = 0, lastY = 0] = places.at(-1) ?? [];
    return [
      `<polyline class="line line-${index}" points="${places.map((place) => place.join(',')).join(' ')}"/>`,
      ...places.map(([placeX, placeY]) => `<circle class="mark-${index}" cx="${placeX}" cy="${placeY}" r="3.5"/>`),
      ...points.map(([, up], point) => {
        const [placeX = 0, placeY = 0] = places[point] ?? [];
        return `<text x="${placeX}" y="${placeY - 9}" text-anchor="middle">${spell(up)}</text>`;
      }),
      `<text class="heading mark-${index}" x="${lastX + 24}" y="${lastY + 4}">${escaped(name)}</text>`,
    ];
  });
  return [
    `<g transform="translate(${left} 0)">`,
    `<text class="heading" x="${PANEL.left}" y="22">${escaped(title)}</text>`,
    ...grid,
    `<text class="quiet" x="${(PANEL.left + right) / 2}" y="${bottom + 40}" text-anchor="middle">${escaped(across)}</text>`,
    ...drawn.flat(),
    '</g>',
  ].join('\n');
}

/** A logarithmic scale from the power of ten below all values to the one above. */
function scale(values: number[], [from, to]: [number, number]) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    powers: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    at: (value: number) => Math.round((from + ((Math.log10(value) - first) / (last - first)) * (to - from)) * 10) / 10,
  };
}

/** Three places at most, and every thousand apart. */
const spell = (value: number): string => {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(value)));
  return (value >= 100 ? Math.round(value) : Number(value.toFixed(Math.min(digits, 3)))).toLocaleString('en-GB');
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
