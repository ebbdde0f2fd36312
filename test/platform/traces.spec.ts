import assert from 'node:assert/strict';
import { Fault } from '../../platform/fault.ts';
import { createRuns, type RunNode } from '../../platform/runs.ts';
import { createTraces } from '../../platform/traces.ts';

interface Carried {
  actor?: { run: string };
  refusal?: { code: string };
  payload?: unknown;
}

const node = (id: string, type = 'function', more: Partial<RunNode> = {}): RunNode => ({ id, type, name: id, ...more });
const command = {
  kind: 'command' as const,
  community: '1',
  name: 'request',
  about: '',
  options: ['amount'],
  member: 'Ada',
};

/** Traces of runs on a clock that the test moves. */
function recorder(kept?: number) {
  let now = 1000;
  let ids = 0;
  const traces = createTraces(() => now, kept);
  const runs = createRuns(
    (message) => (message as Carried).actor?.run,
    () => {
      ids += 1;
      return `run-${ids}`;
    },
    traces,
  );
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  const newest = () => traces.find(traces.list()[0]?.id ?? 0);
  /** A node gets a message, works for so long, and sends it on or not. */
  const work = (at: RunNode, message: Carried, milliseconds: number, to?: { port: number }, error?: unknown) => {
    runs.received(message, at);
    pass(milliseconds);
    if (to) runs.sent(message, { node: at, ...to });
    runs.completed(message, error, at);
  };
  return { traces, runs, pass, newest, work };
}

describe('a trace', () => {
  it('tells the way through the nodes in order, with milliseconds and outputs', async () => {
    const { traces, runs, pass, newest, work } = recorder();
    const [intake, rule, reply] = [node('intake'), node('rule'), node('reply')];
    traces.begin('42', command);
    pass(2);
    traces.mark('42', 'kept');
    const { run, release } = runs.begin('42');
    pass(3);
    const message: Carried = { actor: { run: run.id }, payload: 'a secret of somebody' };
    runs.sent(message, { node: intake, port: 0 });
    release();
    pass(1);
    work(rule, message, 10, { port: 1 });
    traces.mark('42', 'answered');
    work(reply, message, 5);
    await run.over;
    traces.end('42');
    const trace = newest();
    assert.deepEqual(
      trace?.hops.map(({ name, at, took, outputs }) => ({ name, at, took, outputs })),
      [
        { name: 'intake', at: 2, took: 3, outputs: [0] },
        { name: 'rule', at: 6, took: 10, outputs: [1] },
        { name: 'reply', at: 16, took: 5, outputs: [] },
      ],
    );
    assert.deepEqual(trace?.marks, { kept: 2, answered: 16, over: 21 });
    assert.equal(trace?.outcome, 'done');
    assert.doesNotMatch(JSON.stringify(trace), /secret/);
  });

  it('says where a message was refused, and that a fault was caught', async () => {
    const { traces, runs, newest, work } = recorder();
    traces.begin('1', command);
    const refused = runs.begin('1');
    const message: Carried = { actor: { run: refused.run.id } };
    runs.sent(message, { node: node('intake') });
    refused.release();
    message.refusal = { code: 'too-many' };
    work(node('rule'), message, 1, { port: 1 });
    work(node('reply'), message, 1);
    await refused.run.over;
    assert.equal(newest()?.outcome, 'refused');
    assert.deepEqual(
      newest()?.hops.map(({ refusal }) => refusal),
      [null, 'too-many', null],
    );

    traces.begin('2', command);
    const failed = runs.begin('2');
    const second: Carried = { actor: { run: failed.run.id } };
    runs.sent(second, { node: node('intake') });
    failed.release();
    work(node('rule'), second, 1, undefined, new Fault('nobody', 'nobody acts'));
    assert.equal(newest()?.outcome, 'open');
    work(node('net', 'catch'), { ...second }, 1);
    await failed.run.over;
    assert.equal(newest()?.outcome, 'caught');
    assert.deepEqual(
      newest()?.hops.map(({ fault }) => fault),
      [null, 'nobody', null],
    );
  });

  it('ends a node that never says that it is done once it sends on', async () => {
    const { runs, pass, newest } = recorder();
    const { run, release } = runs.begin('schedule');
    const silent = node('switch', 'switch');
    const message: Carried = { actor: { run: run.id } };
    runs.sent(message, { node: node('intake') });
    release();
    runs.received(message, silent, true);
    pass(4);
    const copy = { ...message };
    runs.sent(copy, { node: silent, port: 2 });
    runs.received(copy, node('last'));
    runs.completed(copy, undefined, node('last'));
    await run.over;
    const [, hop] = newest()?.hops ?? [];
    assert.deepEqual({ took: hop?.took, outputs: hop?.outputs }, { took: 4, outputs: [2] });
    assert.equal(newest()?.kind, 'other');
  });

  it('says when flows were stopped under it, and goes on when they take it again', async () => {
    const { traces, runs, newest, work } = recorder();
    traces.begin('9', command);
    const first = runs.begin('9');
    const message: Carried = { actor: { run: first.run.id } };
    runs.sent(message, { node: node('intake') });
    runs.received(message, node('slow'));
    await runs.drain(1);
    assert.equal(newest()?.outcome, 'cut_off');
    assert.equal(newest()?.hops[1]?.took, null);
    const again = runs.begin('9');
    const next: Carried = { actor: { run: again.run.id } };
    runs.sent(next, { node: node('intake') });
    again.release();
    work(node('slow'), next, 1);
    await again.run.over;
    assert.equal(traces.list().length, 1);
    assert.equal(newest()?.outcome, 'done');
  });

  it('tells no flow from a flow without an answer, and forgets what came before', () => {
    const { traces, runs, newest } = recorder();
    traces.begin('1', command);
    traces.mark('1', 'stood_in');
    traces.end('1');
    assert.equal(newest()?.outcome, 'no_flow');
    traces.begin('2', command);
    traces.failed('2', 'database-away');
    traces.end('2');
    assert.equal(newest()?.outcome, 'fault');
    traces.begin('1', command);
    traces.forget('1');
    assert.equal(traces.list().length, 2);
    assert.equal(runs.open, 0);
  });
});

describe('traces', () => {
  it('keep the newest, and a crowd of events pushes no command out', () => {
    const { traces } = recorder(3);
    for (const id of ['1', '2', '3', '4']) traces.begin(id, command);
    for (const id of ['1', '2', '3', '4', '5']) {
      traces.begin(`event/${id}`, { ...command, kind: 'event', community: '2' });
    }
    assert.deepEqual(
      traces.list().map(({ source }) => source),
      ['event/5', 'event/4', 'event/3', '4', '3', '2'],
    );
    assert.equal(traces.list('2').length, 3);
  });

  it('stay small when a flow runs in a circle or a name is endless', async () => {
    const { traces, runs, newest, work } = recorder();
    traces.begin('1', { ...command, name: 'x'.repeat(5000), member: 'y'.repeat(5000) });
    const { run, release } = runs.begin('1');
    const message: Carried = { actor: { run: run.id } };
    const circle = node('circle', 'function', { name: 'z'.repeat(5000) });
    runs.sent(message, { node: node('intake') });
    release();
    for (let round = 0; round < 500; round += 1) work(circle, message, 1, { port: 0 });
    work(circle, message, 1);
    await run.over;
    assert.ok(JSON.stringify(newest()).length < 20_000);
    assert.equal((newest()?.hops.length ?? 0) + (newest()?.leftOut ?? 0), 502);
  });
});
