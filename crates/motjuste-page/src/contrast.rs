//! Whether the colours of `style.css` can be told apart.

/// The contrast of two colours `#rrggbb` (WCAG 2.2, relative luminance).
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |start: usize| {
            let value = u8::from_str_radix(&colour[start..start + 2], 16).unwrap();
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn text_and_marks_stand_out_in_light_and_dark() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    let css = include_str!("style.css");
    let schemes: Vec<&str> = css.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 3, "light, dark, print");
    for scheme in schemes {
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap();
            rest.split(';').next().map(|colour| format!("{colour:0<7}")).unwrap()
        };
        for ground in ["paper", "wash"] {
            for text in ["ink", "soft", "rubric"] {
                assert!(contrast(&colour(text), &colour(ground)) >= 4.5, "{text} on {ground}");
            }
            assert!(contrast(&colour("mark"), &colour(ground)) >= 3.0, "mark on {ground}");
        }
    }
}
