//! What bounds the service whatever it does, for `benches/drive.py`: the bare hash, and a bare handler that answers the same bytes.
//!
//! `limits hash`: microseconds of CPU that a hash of an auth key takes under the profile `token`, on all cores at once.
//! `limits handler FOLDER`: serves each file of the folder at the path of its name, whatever the method; says where it listens.

#![allow(clippy::unwrap_used)] // whoever starts it sees why it ends

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use argon2::{Algorithm, Argon2, Block, Params, Version};

const SPAN: Duration = Duration::from_secs(3);

fn main() {
    // cargo adds an argument of its own
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hash"] => hash(),
        ["handler", folder] => handler(folder).unwrap(),
        _ => println!("run it by scripts/bench"),
    }
}

fn hash() {
    let cores = thread::available_parallelism().unwrap().get();
    let hashing = || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, Some(32)).unwrap());
        let (mut memory, mut output) = (vec![Block::default(); 1024], [0; 32]);
        let (begun, mut count) = (Instant::now(), 0_u32);
        while begun.elapsed() < SPAN {
            argon2.hash_password_into_with_memory(b"9266c59563c84664", &[7; 16], &mut output, &mut memory).unwrap();
            count += 1;
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(count)
    };
    let each: Vec<f64> = thread::scope(|scope| {
        let all: Vec<_> = (0..cores).map(|_| scope.spawn(hashing)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    println!("{}", each.iter().sum::<f64>() / f64::from(u32::try_from(cores).unwrap()));
}

#[actix_web::main]
async fn handler(folder: &str) -> std::io::Result<()> {
    let files: HashMap<String, Bytes> = fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry.unwrap();
            (format!("/{}", entry.file_name().to_str().unwrap()), fs::read(entry.path()).unwrap().into())
        })
        .collect();
    let server = HttpServer::new(move || {
        let files = files.clone();
        App::new().default_service(actix_web::web::to(move |request: HttpRequest, _body: Bytes| {
            let answer = files[request.path()].clone();
            async move { HttpResponse::Ok().content_type("application/json").body(answer) }
        }))
    })
    .workers(thread::available_parallelism()?.get())
    .bind("127.0.0.1:0")?;
    println!("{}", server.addrs()[0]);
    server.run().await
}
