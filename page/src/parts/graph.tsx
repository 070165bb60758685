// SPDX-License-Identifier: MIT
// Graphs of what an environment uses: a small one for rows, and one with axes that can be read point by point.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { clock, span } from "../format";

export interface Point {
    at: number;
    value: number;
}

const scaled = (points: Point[], from: number, to: number, top: number, width: number, height: number) =>
    points.map(({ at, value }) => {
        const x = ((at - from) / Math.max(1, to - from)) * width;
        const y = height - (Math.min(value, top) / top) * height;
        return [Math.round(x * 10) / 10, Math.round(y * 10) / 10] as const;
    });

const lineOf = (places: readonly (readonly [number, number])[]) => places.map(([x, y], at) => `${at ? "L" : "M"}${x} ${y}`).join("");

/// Without words: the value stands beside it.
export function Sparkline({ values, top, tone }: { values: number[]; top: number; tone: string }) {
    const width = 64;
    const height = 18;
    if (values.length < 2) return <svg class={`spark ${tone}`} width={width} height={height} aria-hidden="true" />;
    const slots = Math.max(values.length, 24) - 1;
    const places = values.map((value, at) => {
        const x = width - ((values.length - 1 - at) / slots) * width;
        return [Math.round(x * 10) / 10, Math.round((height - 1 - (Math.min(value, top) / top) * (height - 3)) * 10) / 10] as const;
    });
    return (
        <svg class={`spark ${tone} ${values.some((value) => value > 0) ? "" : "flat"}`} width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            <path class="area" d={`${lineOf(places)}L${width} ${height}L${places[0]![0]} ${height}Z`} />
            <path class="line" d={lineOf(places)} />
        </svg>
    );
}

/// The next round number: 1, 2 or 5 times a power of the base.
export function roundUp(value: number, base: number): number {
    if (value <= 0) return 1;
    const power = base ** Math.floor(Math.log(value) / Math.log(base));
    for (const step of base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
        if (value <= step * power) return step * power;
    return value;
}

interface GraphProps {
    title: string;
    points: Point[];
    tone: string;
    show: (value: number) => string;
    top: number;
    limit?: number | null;
    /// Milliseconds up to now.
    window: number;
    now: number;
    detail?: string;
}

export function Graph({ title, points, tone, show, top, limit, window: shown, now, detail }: GraphProps) {
    const frame = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(320);
    const [cursor, setCursor] = useState<number | null>(null);
    const height = 112;
    useLayoutEffect(() => setWidth(frame.current!.clientWidth), []);
    useEffect(() => {
        const watch = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
        watch.observe(frame.current!);
        return () => watch.disconnect();
    }, []);
    const from = now - shown;
    const inside = points.filter(({ at }) => at >= from - 10_000);
    const places = scaled(inside, from, now, top, width, height);
    const picked = cursor === null ? inside.length - 1 : Math.min(cursor, inside.length - 1);
    const point = inside[picked];
    const highest = inside.reduce((most, { value }) => Math.max(most, value), 0);
    const move = (event: PointerEvent) => {
        const box = frame.current!.getBoundingClientRect();
        const at = from + ((event.clientX - box.left) / box.width) * shown;
        let best = 0;
        inside.forEach((one, place) => {
            if (Math.abs(one.at - at) < Math.abs(inside[best]!.at - at)) best = place;
        });
        setCursor(best);
    };
    const key = (event: KeyboardEvent) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, Home: -inside.length, End: inside.length }[event.key];
        if (event.key === "Escape") setCursor(null);
        if (step === undefined || !inside.length) return;
        event.preventDefault();
        setCursor(Math.max(0, Math.min(inside.length - 1, picked + step)));
    };
    const text = point ? `${show(point.value)}${cursor === null ? "" : ` at ${clock(new Date(point.at).toISOString())}`}` : "no sample yet";
    return (
        <figure class={`graph ${tone}`}>
            <figcaption>
                <span class="graph-title">{title}</span>
                <span class="graph-value">{point ? show(point.value) : "–"}</span>
                <span class="graph-detail">{cursor !== null && point ? clock(new Date(point.at).toISOString()) : detail}</span>
            </figcaption>
            <div class="plot" ref={frame} tabIndex={0} role="slider" aria-label={`${title}, highest ${show(highest)}`} aria-valuemin={0}
                aria-valuemax={Math.max(0, inside.length - 1)} aria-valuenow={Math.max(0, picked)} aria-valuetext={text}
                onPointerMove={move} onPointerLeave={() => setCursor(null)} onBlur={() => setCursor(null)} onKeyDown={key}>
                <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
                    {[0.25, 0.5, 0.75].map((part) => <path key={part} class="grid" d={`M0 ${Math.round(height * part) + 0.5}H${width}`} />)}
                    {limit != null && limit <= top && <path class="limit" d={`M0 ${height - (limit / top) * height + 0.5}H${width}`} />}
                    {places.length > 1 && <path class="area" d={`${lineOf(places)}L${places.at(-1)![0]} ${height}L${places[0]![0]} ${height}Z`} />}
                    {places.length > 1 && <path class="line" d={lineOf(places)} />}
                    <path class="base" d={`M0 ${height - 0.5}H${width}`} />
                    {cursor !== null && places[picked] && <path class="cursor" d={`M${places[picked]![0]} 0V${height}`} />}
                    {places[picked] && <circle class="dot" cx={places[picked]![0]} cy={places[picked]![1]} r={cursor === null ? 2.6 : 3.6} />}
                </svg>
                <span class="axis top">{show(top)}</span>
            </div>
            <div class="axis-x" aria-hidden="true"><span>{span(shown / 1000)} ago</span><span>now</span></div>
        </figure>
    );
}
