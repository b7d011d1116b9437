//! What shows the window.

use eframe::CreationContext;
use winit::raw_window_handle::{HasWindowHandle as _, RawWindowHandle};

use crate::desktop::Surface;

/// What shows the first window of this process.
pub(super) fn of(cc: &CreationContext<'_>) -> Surface {
    cc.window_handle()
        .map_or(Surface::Other, |handle| named(handle.as_raw()))
}

fn named(handle: RawWindowHandle) -> Surface {
    match handle {
        RawWindowHandle::Xlib(window) => u32::try_from(window.window).map_or(Surface::Other, Surface::X11),
        RawWindowHandle::Xcb(window) => Surface::X11(window.window.get()),
        RawWindowHandle::Wayland(_) => Surface::Wayland,
        _ => Surface::Other,
    }
}

/// What shows another window of this process.
pub(super) const fn of_another(first: Surface) -> Surface {
    match first {
        Surface::Wayland => Surface::Wayland,
        Surface::X11(_) | Surface::Other => Surface::Other,
    }
}

/// Whether files can be dropped on the window. winit takes none from a Wayland compositor.
pub(super) const fn takes_drops(surface: Surface) -> bool {
    !matches!(surface, Surface::Wayland)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use winit::raw_window_handle::{XcbWindowHandle, XlibWindowHandle};

    use super::*;

    #[test]
    fn an_x11_window_has_its_id() {
        let id = NonZeroU32::MIN.saturating_add(6);
        for handle in [
            RawWindowHandle::Xlib(XlibWindowHandle::new(7)),
            RawWindowHandle::Xcb(XcbWindowHandle::new(id)),
        ] {
            assert_eq!(named(handle), Surface::X11(7));
        }
        assert!(takes_drops(Surface::X11(7)) && !takes_drops(Surface::Wayland));
    }
}
