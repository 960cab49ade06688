//! Whether the colours of the styles can be told apart.

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

/// The colours of light, dark and print, those of the comparison's style among them.
fn schemes() -> Vec<String> {
    let parts = |css: &'static str| css.split(":root {").skip(1);
    let (all, own) = (include_str!("style.css"), include_str!("comparison/style.css"));
    let schemes: Vec<String> =
        parts(all).zip(parts(own)).map(|(all, own)| [all, own].concat()).collect();
    assert_eq!(
        (schemes.len(), parts(all).count(), parts(own).count()),
        (3, 3, 3),
        "light, dark, print"
    );
    schemes
}

fn colour(scheme: &str, name: &str) -> String {
    let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap();
    let colour = rest.split(';').next().unwrap();
    match colour.len() {
        // `#abc` is short for `#aabbcc`.
        4 => colour.chars().flat_map(|digit| [digit, digit]).skip(1).collect(),
        _ => colour.to_owned(),
    }
}

#[test]
fn text_and_marks_stand_out_in_light_and_dark() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    for scheme in schemes() {
        let colour = |name: &str| colour(&scheme, name);
        for ground in ["paper", "wash"] {
            for text in ["ink", "soft", "rubric"] {
                assert!(contrast(&colour(text), &colour(ground)) >= 4.5, "{text} on {ground}");
            }
            assert!(contrast(&colour("mark"), &colour(ground)) >= 3.0, "mark on {ground}");
        }
    }
}

#[test]
fn methods_and_shades_stand_out_in_light_and_dark() {
    for scheme in schemes() {
        let colour = |name: &str| colour(&scheme, name);
        for method in ["m2", "m3", "m4", "m5", "m6"] {
            assert!(contrast(&colour(method), &colour("paper")) >= 3.0, "{method}");
        }
        for shade in 0..6 {
            let ground = colour(&format!("shade{shade}"));
            assert!(contrast(&colour("ink"), &ground) >= 4.5, "ink on shade{shade}");
        }
        // What is written in the table of every two methods.
        for text in ["soft", "rubric", "ink"] {
            assert!(contrast(&colour(text), &colour("shade0")) >= 4.5, "{text} on shade0");
        }
    }
}

#[test]
fn shades_go_one_way_and_neighbours_differ() {
    for scheme in schemes() {
        let paper = colour(&scheme, "paper");
        let steps: Vec<f64> = (0..6)
            .map(|shade| contrast(&colour(&scheme, &format!("shade{shade}")), &paper))
            .collect();
        assert!(steps.is_sorted_by(|a, b| *b / *a > 1.08), "{steps:?}");
    }
}
