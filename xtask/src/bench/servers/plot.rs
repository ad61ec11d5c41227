//! Bars, as SVG that is legible on a light and on a dark page: it brings its own ground along.

use anyhow::anyhow;
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle};

const GROUND: RGBColor = RGBColor(250, 250, 252);
const INK: RGBColor = RGBColor(31, 36, 48);
const FAINT: RGBColor = RGBColor(205, 209, 217);
const QUIET: RGBColor = RGBColor(92, 99, 112);

const WIDTH: i32 = 900;
const MARGIN: i32 = 20;
/// Where bars begin, and how long the longest of a panel is.
const BARS_FROM: i32 = 270;
const LONGEST: i32 = 470;
const TITLE_HEIGHT: i32 = 62;
const PANEL_HEAD: i32 = 30;
const BAR: i32 = 15;
const STEP: i32 = 21;
const PANEL_GAP: i32 = 14;

/// One line of a panel.
#[derive(Clone, Debug)]
pub(in crate::bench) struct Bar {
    pub(in crate::bench) label: String,
    pub(in crate::bench) colour: (u8, u8, u8),
    /// One behind the other, the first in full colour.
    pub(in crate::bench) segments: Vec<f64>,
    /// The lowest and the highest of the rounds.
    pub(in crate::bench) range: (f64, f64),
    /// Beside it.
    pub(in crate::bench) note: String,
}

/// Bars on one scale.
#[derive(Clone, Debug)]
pub(in crate::bench) struct Panel {
    pub(in crate::bench) title: String,
    pub(in crate::bench) bars: Vec<Bar>,
}

/// The picture.
///
/// # Errors
/// It cannot be drawn.
pub(in crate::bench) fn svg(title: &str, subtitle: &str, panels: &[Panel]) -> anyhow::Result<String> {
    let heights = panels.iter().map(|panel| PANEL_HEAD + STEP * rows(panel) + PANEL_GAP);
    let height = TITLE_HEIGHT + heights.sum::<i32>() + MARGIN / 2;
    let mut picture = String::new();
    {
        let size = (u32::try_from(WIDTH)?, u32::try_from(height)?);
        let area = SVGBackend::with_string(&mut picture, size).into_drawing_area();
        draw(&area, title, subtitle, panels).map_err(|error| anyhow!("the plot cannot be drawn: {error}"))?;
        area.present().map_err(|error| anyhow!("the plot cannot be drawn: {error}"))?;
    }
    Ok(picture)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn draw(area: &Area<'_>, title: &str, subtitle: &str, panels: &[Panel]) -> Drawn {
    area.fill(&GROUND)?;
    write(area, title, (MARGIN, 22), 19, INK, HPos::Left)?;
    write(area, subtitle, (MARGIN, 45), 13, QUIET, HPos::Left)?;
    let mut top = TITLE_HEIGHT;
    for panel in panels {
        write(area, &panel.title, (MARGIN, top + PANEL_HEAD / 2), 15, INK, HPos::Left)?;
        area.draw(&PathElement::new([(MARGIN, top + 1), (WIDTH - MARGIN, top + 1)], FAINT))?;
        let most =
            panel.bars.iter().map(|bar| bar.range.1.max(bar.segments.iter().sum())).fold(f64::MIN_POSITIVE, f64::max);
        let mut y = top + PANEL_HEAD;
        for bar in &panel.bars {
            draw_bar(area, bar, most, y)?;
            y += STEP;
        }
        top = y + PANEL_GAP;
    }
    Ok(())
}

fn draw_bar(area: &Area<'_>, bar: &Bar, most: f64, y: i32) -> Drawn {
    let middle = y + BAR / 2;
    write(area, &bar.label, (BARS_FROM - 10, middle), 13, INK, HPos::Right)?;
    let colour = RGBColor(bar.colour.0, bar.colour.1, bar.colour.2);
    let (mut from, mut sum) = (BARS_FROM, 0.0);
    for (segment, opacity) in bar.segments.iter().zip([1.0, 0.45]) {
        sum += segment;
        let to = place(sum, most);
        area.draw(&Rectangle::new([(from, y), (to, y + BAR)], colour.mix(opacity).filled()))?;
        from = to;
    }
    let (low, high) = (place(bar.range.0, most), place(bar.range.1, most));
    if high > low {
        area.draw(&PathElement::new([(low, middle), (high, middle)], INK.stroke_width(1)))?;
        for end in [low, high] {
            area.draw(&PathElement::new([(end, middle - 3), (end, middle + 3)], INK.stroke_width(1)))?;
        }
    }
    write(area, &bar.note, (high.max(from) + 8, middle), 13, QUIET, HPos::Left)
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, colour: RGBColor, side: HPos) -> Drawn {
    let font = ("sans-serif", size).into_font().style(FontStyle::Normal);
    let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
    Ok(area.draw(&Text::new(text.to_owned(), at, style))?)
}

#[expect(clippy::cast_possible_truncation, reason = "a share of a few hundred pixels")]
fn place(value: f64, most: f64) -> i32 {
    BARS_FROM + (f64::from(LONGEST) * (value / most).clamp(0.0, 1.0)).round() as i32
}

fn rows(panel: &Panel) -> i32 {
    i32::try_from(panel.bars.len()).unwrap_or(i32::MAX / STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_is_in_the_picture_and_the_longest_fills_its_panel() {
        let bar = |label: &str, value| Bar {
            label: label.to_owned(),
            colour: (1, 2, 3),
            segments: vec![value],
            range: (value, value),
            note: "a note".to_owned(),
        };
        let panel = Panel { title: "panel".to_owned(), bars: vec![bar("one", 10.0), bar("other", 5.0)] };
        let picture = svg("title", "subtitle", &[panel]).unwrap();
        for text in ["title", "subtitle", "panel", "one", "other", "a note"] {
            assert!(picture.contains(text), "{text}");
        }
        let widths = [LONGEST, LONGEST / 2].map(|width| format!("width=\"{width}\""));
        assert!(widths.iter().all(|width| picture.contains(width)), "{picture}");
    }
}
