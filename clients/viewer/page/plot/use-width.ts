// How wide an element is, and how large its text: drawings are made in real pixels, so that nothing in them is stretched.

import { useCallback, useRef, useState } from "preact/hooks";

export interface Measured {
  /** Pixels inside; 0 until it is known. */
  readonly width: number;
  /** Pixels of its font size. */
  readonly em: number;
  /** Pixels of the window's height. */
  readonly screen: number;
}

/** Give the first to the element as `ref`. */
export function useWidth(): [(element: Element | null) => void, Measured] {
  const [measured, setMeasured] = useState<Measured>({ width: 0, em: 13, screen: 800 });
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const ref = useCallback((element: Element | null) => {
    observer.current?.disconnect();
    if (element === null) return;
    const measure = () => {
      const width = Math.floor(element.getBoundingClientRect().width);
      const em = Number.parseFloat(getComputedStyle(element).fontSize) || 13;
      const next = { width, em, screen: innerHeight };
      setMeasured((before) => (isSame(before, next) ? before : next));
    };
    observer.current = new ResizeObserver(measure);
    observer.current.observe(element);
    measure();
  }, []);
  return [ref, measured];
}

function isSame(a: Measured, b: Measured): boolean {
  return a.width === b.width && a.em === b.em && a.screen === b.screen;
}
