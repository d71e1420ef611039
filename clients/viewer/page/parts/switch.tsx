// One of a few, each in sight.

interface SwitchProps {
  readonly label: string;
  readonly choices: readonly (readonly [value: string, title: string])[];
  readonly chosen: string;
  readonly choose: (value: string) => void;
}

export function Switch({ label, choices, chosen, choose }: SwitchProps) {
  return (
    <fieldset class="switch">
      <legend class="unseen">{label}</legend>
      <span class="muted" aria-hidden="true">
        {label}
      </span>
      {choices.map(([value, title]) => (
        <button type="button" key={value} aria-pressed={value === chosen} onClick={() => choose(value)}>
          {title}
        </button>
      ))}
    </fieldset>
  );
}
