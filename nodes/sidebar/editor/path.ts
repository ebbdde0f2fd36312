import type { Hop, Mark, Trace } from '../answers.ts';
import { element, icon } from './dom.ts';
import { editor, type WorkspaceNode } from './red.ts';
import { duration, number, text } from './texts.ts';

/** What is worth saying of a trace beside its nodes. */
const MARKS: Mark[] = ['kept', 'let_in', 'deferred', 'answered', 'stood_in', 'over'];

/** The way of one interaction through the nodes: a row each, with its place in time as a bar. */
export function pathOf(trace: Trace): Node[] {
  const ends = trace.hops.map(({ at, took }) => at + (took ?? 0));
  const whole = Math.max(1, trace.marks.over ?? 0, ...ends);
  const marks = MARKS.flatMap((mark) => ({ mark, at: trace.marks[mark] ?? Number.NaN }))
    .filter(({ mark, at }) => !Number.isNaN(at) && !(mark === 'answered' && trace.marks.stood_in !== undefined))
    .sort((a, b) => a.at - b.at)
    .map(({ mark, at }) => text(`traces.marks.${mark}`, { time: duration(at) }));
  const options = trace.options.length > 0 ? [text('traces.options', { names: trace.options.join(', ') })] : [];
  return [
    element('p', { class: 'guildhall-marks' }, [...options, ...marks].join(' · ')),
    trace.hops.length > 0
      ? element('ol', { class: 'guildhall-path' }, ...trace.hops.map((hop, index) => stepOf(hop, index, trace, whole)))
      : element('p', { class: 'guildhall-empty' }, text('traces.noNodes')),
    ...(trace.leftOut > 0
      ? [element('p', { class: 'guildhall-empty' }, text('traces.leftOut', { number: number(trace.leftOut) }))]
      : []),
  ];
}

function stepOf(hop: Hop, index: number, trace: Trace, whole: number): HTMLElement {
  const node = editor.nodes.node(hop.node);
  const label = labelOf(hop, node);
  const took = hop.took === null ? text('traces.noTime') : duration(hop.took);
  const outputs = hop.outputs.map((output) => outputOf(node, output)).filter((name) => name !== '');
  const went = [
    ...(hop.refusal ? [text('traces.refused', { code: hop.refusal })] : []),
    ...(hop.fault ? [text(trace.outcome === 'caught' ? 'traces.caught' : 'traces.fault', { code: hop.fault })] : []),
  ];
  const bar = element('span', { class: `guildhall-span ${hop.fault ? 'guildhall-full' : ''}`, 'aria-hidden': 'true' });
  const fill = element('span');
  fill.style.marginLeft = `${(hop.at / whole) * 100}%`;
  fill.style.width = `${((hop.took ?? 0) / whole) * 100}%`;
  bar.append(fill);
  const row = [
    element('span', { class: 'guildhall-name' }, label),
    element('span', { class: 'guildhall-count' }, took),
    outputs.length > 0 &&
      element('span', { class: 'guildhall-aside' }, icon('fa-long-arrow-right'), ` ${outputs.join(', ')}`),
    went.length > 0 && element('span', { class: 'guildhall-aside guildhall-bad' }, went.join(', ')),
    bar,
  ];
  return element(
    'li',
    {},
    node
      ? element(
          'button',
          {
            type: 'button',
            class: 'guildhall-step',
            title: text('reveal'),
            'data-key': `step-${trace.id}-${index}`,
            click: () => editor.view.reveal(hop.node),
          },
          ...row,
        )
      : element('span', { class: 'guildhall-step', title: text('traces.nodeGone') }, ...row),
  );
}

/** As the workspace shows the node now; as it was called then where it is gone. */
function labelOf(hop: Hop, node: WorkspaceNode | null): string {
  const fallback = hop.name || hop.type;
  return node ? editor.utils.getNodeLabel(node, fallback) : fallback;
}

/** What an output is called; a single one without a name needs no words. */
function outputOf(node: WorkspaceNode | null, index: number): string {
  if (!node) return '';
  const labels = node._def.outputLabels;
  const own = node.outputLabels?.[index];
  const label =
    own || (typeof labels === 'function' ? labels.call(node, index) : Array.isArray(labels) ? labels[index] : labels);
  if (label) return label;
  return (node.outputs ?? 1) > 1 ? text('traces.output', { number: index + 1 }) : '';
}
