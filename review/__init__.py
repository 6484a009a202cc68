"""Pages (网页): a face of the station like the terminal; it calls services, changes nothing, and nothing imports it."""
