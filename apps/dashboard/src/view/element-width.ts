/** The width of an element as it changes: drawings have real pixels, so that text in them keeps its size. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** A ref for the element and its width in CSS pixels; 0 before it is laid out. */
export function useElementWidth(): readonly [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    let frame = 0;
    const observer = new ResizeObserver(() => {
      frame = requestAnimationFrame(() => setWidth(Math.floor(element.clientWidth))); // drawing here would loop
    });
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, []);
  return [ref, width];
}
