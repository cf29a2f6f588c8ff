//! The application for WSGI: one plain function, called once for each request.

use std::{thread, time::Duration};

use super::wsgi::{Environ, StartResponse};

pub fn app(environ: &Environ, start_response: StartResponse<'_>, delay: Duration) -> Vec<Vec<u8>> {
    // This stands for a query to a database. The function can only wait, and keeps the thread meanwhile.
    thread::sleep(delay);
    start_response("200 OK", &[("content-type", "text/plain")]);
    vec![format!("{} is here.\n", environ["PATH_INFO"]).into_bytes()]
}
