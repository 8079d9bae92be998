"""The plots of the HTML page, said as Vega-Lite specifications and drawn to SVG before the page is written."""
