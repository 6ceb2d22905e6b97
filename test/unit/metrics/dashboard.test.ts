import test from 'ava';
import { textOf } from '../../support/source-tree.js';
import { runningSwitch } from '../../support/running-switch.js';

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

const file = 'config/grafana/vswitch.json';
const { panels, templating } = JSON.parse(textOf(file)) as Dashboard;
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const namesIn = (text: string): string[] => text.match(/\bvswitch_\w+/g) ?? [];

/** Labels that Prometheus adds. */
const scraped = ['instance'];

test('the dashboard asks for metrics that there are, by labels that they have', async (t) => {
  const { call } = await runningSwitch(t);
  const { text } = await call('GET', '/metrics');
  const known = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const variables = templating.list.flatMap(({ definition }) => definition ?? []);
  t.true(expressions.length > 15);
  for (const name of [...expressions, ...variables].flatMap(namesIn)) t.true(known.has(name), `${name} is no metric`);
});

test('legends show what the expressions keep', (t) => {
  for (const { title, targets = [] } of panels)
    for (const { expr, legendFormat } of targets) {
      const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '));
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        t.true((kept.length === 0 ? scraped : kept).includes(label), `${title}: ${label}`);
    }
});

test('no panel covers another', (t) => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  );
  t.is(new Set(cells).size, cells.length);
  t.true(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
});
