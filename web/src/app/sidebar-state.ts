import { create } from 'zustand';

interface SidebarState {
  /** On a wide screen; on a phone it lies over the page. */
  open: boolean;
  /** On a phone. */
  over: boolean;
  toggle(): void;
  closeOver(): void;
}

const key = 'sluice.sidebar';
const narrow = () => matchMedia('(max-width: 47.99rem)').matches;

/** Whether the sidebar is there. */
export const useSidebar = create<SidebarState>((set) => ({
  open: localStorage.getItem(key) !== 'closed',
  over: false,
  toggle: () =>
    set(({ open, over }) => {
      if (narrow()) return { over: !over };
      localStorage.setItem(key, open ? 'closed' : 'open');
      return { open: !open };
    }),
  closeOver: () => set({ over: false }),
}));
