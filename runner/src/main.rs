//! The program `wsspec`; everything it does is in the library.

fn main() -> wsspec::cli::Exit {
    wsspec::cli::main()
}
