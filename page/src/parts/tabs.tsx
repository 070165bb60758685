// SPDX-License-Identifier: MIT
// A row of tabs (WAI-ARIA): arrow keys move, the shown one alone is in the order of Tab.
interface TabsProps {
    label: string;
    names: readonly (readonly [id: string, name: string])[];
    shown: string;
    show: (id: string) => void;
}

export function Tabs({ label, names, shown, show }: TabsProps) {
    const key = (event: KeyboardEvent) => {
        // From the one that has the focus: `shown` is of before when keys come faster than the page is drawn.
        const at = names.findIndex(([id]) => `tab-${id}` === document.activeElement?.id);
        const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const [id] = names[(next + names.length) % names.length]!;
        show(id);
        document.getElementById(`tab-${id}`)?.focus();
    };
    return (
        <div class="tabs" role="tablist" aria-label={label} onKeyDown={key}>
            {names.map(([id, name]) => (
                <button key={id} id={`tab-${id}`} type="button" role="tab" aria-selected={id === shown} aria-controls="tab-panel"
                    tabIndex={id === shown ? 0 : -1} onClick={() => show(id)}>
                    {name}
                </button>
            ))}
        </div>
    );
}
