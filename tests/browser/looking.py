"""What a page is asked about itself, as JavaScript that answers a list of what is wrong."""

NAMELESS = """() => {
    const named = element => element.getAttribute("aria-label") || element.labels?.length
        || document.getElementById(element.getAttribute("aria-labelledby") ?? "") || element.textContent.trim();
    const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
    const images = [...document.querySelectorAll("img:not([alt]), svg:not([aria-hidden])")];
    return [...controls.filter(one => !named(one)), ...images].map(one => one.outerHTML.slice(0, 120));
}"""

REPEATED_IDS = """() => {
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
}"""

TINY = """() => [...document.querySelectorAll("button, select, .tab, .option, summary, .find input")]
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .map(([one, box]) => `${one.className} ${box.width}x${box.height}`)"""

FAINT = """() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const over = (top, ground) => {
        const [r, g, b, alpha = 1] = top;
        return [r, g, b].map((value, index) => value * alpha + ground[index] * (1 - alpha));
    };
    const ground = element => {
        const layers = [];
        for (let one = element; one; one = one.parentElement) {
            const colour = channels(getComputedStyle(one).backgroundColor);
            layers.push(colour);
            if ((colour[3] ?? 1) === 1) break;
        }
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const light = ([r, g, b]) => [r, g, b]
        .map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const contrast = (one, other) => {
        const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const wrong = [];
    for (const element of document.querySelectorAll("body *")) {
        const says = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const box = element.getBoundingClientRect();
        if (!says || box.width < 2 || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        if (element.closest(":disabled, .visually-hidden")) continue;
        const style = getComputedStyle(element);
        const behind = ground(element);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const found = contrast(over(channels(style.color), behind), behind);
        if (found < (large ? 3 : 4.5)) wrong.push(`${found.toFixed(2)} ${element.className} ${element.textContent.slice(0, 40)}`);
    }
    return wrong;
}"""
