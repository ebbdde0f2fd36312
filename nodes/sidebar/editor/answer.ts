import type { RehearsalAnswer, SandboxComponent, SandboxMessage } from '../answers.ts';
import { element } from './dom.ts';
import { markdown } from './markdown.ts';
import { text } from './texts.ts';

/** Discord's component types that the tab can show (components reference). */
const BUTTON = 2;
const TEXT_INPUT = 4;

/** What happens when a person presses something in an answer. */
export interface Press {
  button(message: string, customId: string): void;
  form(fields: Record<string, string>): void;
}

/** An answer of the bot as plain text, with buttons and simple forms that work. */
export function answerOf({ messages, modal, error }: RehearsalAnswer, press: Press): HTMLElement[] {
  const shown = messages.map((message) => messageOf(message, press));
  if (modal) shown.push(formOf(modal, press));
  if (shown.length === 0 && !error)
    shown.push(element('p', { class: 'guildhall-empty' }, text('rehearsal.nothingSeen')));
  return shown;
}

function messageOf(
  { id, author, content, embeds, components, ephemeralFor }: SandboxMessage,
  press: Press,
): HTMLElement {
  const inner = flatten(components);
  const buttons = inner.filter(({ type, custom_id }) => type === BUTTON && custom_id);
  const links = inner.filter(({ type, url }) => type === BUTTON && url && /^https?:/i.test(url));
  const others = inner.filter(({ type }) => type !== BUTTON);
  return element(
    'article',
    { class: 'guildhall-message' },
    element(
      'header',
      {},
      element('strong', {}, author),
      ephemeralFor ? element('span', { class: 'guildhall-aside' }, text('rehearsal.ephemeral')) : null,
    ),
    content ? element('p', {}, ...markdown(content)) : null,
    ...embeds.map(({ title, description, fields = [], footer }) =>
      element(
        'div',
        { class: 'guildhall-embed' },
        title ? element('strong', {}, title) : null,
        description ? element('p', {}, ...markdown(description)) : null,
        fields.length > 0
          ? element(
              'dl',
              { class: 'guildhall-facts' },
              ...fields.flatMap(({ name, value }) => [element('dt', {}, name), element('dd', {}, ...markdown(value))]),
            )
          : null,
        footer ? element('p', { class: 'guildhall-aside' }, footer.text) : null,
      ),
    ),
    buttons.length + links.length > 0
      ? element(
          'div',
          { class: 'guildhall-row' },
          ...buttons.map(({ label, custom_id: customId = '', disabled }) =>
            element(
              'button',
              {
                type: 'button',
                class: 'red-ui-button red-ui-button-small',
                disabled: disabled ?? false,
                'data-key': `press-${customId}`,
                click: () => press.button(id, customId),
              },
              label ?? customId,
            ),
          ),
          ...links.map(({ label, url = '' }) =>
            element('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label ?? url),
          ),
        )
      : null,
    others.length > 0 ? element('p', { class: 'guildhall-empty' }, text('rehearsal.more')) : null,
  );
}

function formOf({ title, components }: NonNullable<RehearsalAnswer['modal']>, press: Press): HTMLElement {
  const inputs = fieldsOf(components);
  const fields = inputs.map(({ label, input }) => {
    const tag = input.style === 2 ? 'textarea' : 'input';
    const field = element(tag, { required: input.required !== false, name: input.custom_id ?? '' });
    field.value = input.value ?? '';
    return { label, field };
  });
  return element(
    'form',
    {
      class: 'guildhall-message',
      submit: (event) => {
        event.preventDefault();
        press.form(Object.fromEntries(fields.map(({ field }) => [field.name, field.value])));
      },
    },
    element('strong', {}, title),
    ...fields.map(({ label, field }) =>
      element('label', { class: 'guildhall-field' }, element('span', {}, label), field),
    ),
    element('button', { type: 'submit', class: 'red-ui-button red-ui-button-small' }, text('rehearsal.submit')),
  );
}

/** The text inputs of a form, whether they stand in rows or in labels. */
function fieldsOf(components: SandboxComponent[]): { label: string; input: SandboxComponent }[] {
  return components.flatMap((outer) => {
    const inner = outer.component ? [outer.component] : (outer.components ?? []);
    return inner
      .filter(({ type }) => type === TEXT_INPUT)
      .map((input) => ({ label: input.label ?? outer.label ?? input.custom_id ?? '', input }));
  });
}

/** All components of a message that stand in rows, sections and containers. */
function flatten(components: SandboxComponent[]): SandboxComponent[] {
  return components.flatMap((component) => (component.components ? flatten(component.components) : [component]));
}
