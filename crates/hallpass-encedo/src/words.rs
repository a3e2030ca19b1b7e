//! The words of a master.

use std::fmt;

use bip0039::{Count, English, Mnemonic};
use hallpass_credential::{Error, ErrorKind, Result, Secret};
use zeroize::{Zeroize, Zeroizing};

use crate::PrivateKey;

/// 24 English words (BIP39) from which the master's key is made. Wiped when dropped.
///
/// A HEM keeps its master key until it is wiped, so who loses the words has lost the master.
#[derive(Clone)]
pub struct Words(Mnemonic<English>);

impl Words {
    /// Reads words as a person types them: any white space between them, any case.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for anything but 24 words of the list whose checksum is right.
    pub fn parse(text: &Secret) -> Result<Self> {
        let typed: Vec<&str> = text.expose().split_whitespace().collect();
        if typed.len() != COUNT {
            return Err(invalid(&format!("a master has {COUNT} words")));
        }
        let mut phrase = Zeroizing::new(typed.join(" "));
        phrase.make_ascii_lowercase();
        let words = Mnemonic::from_normalized_phrase(phrase.as_str());
        // The library's error quotes the word.
        words.map(Self).map_err(|_| invalid("these are no words of a master, or one is mistyped"))
    }

    /// New words that nobody knows.
    pub fn random() -> Self {
        Self(Mnemonic::generate(Count::Words24))
    }

    /// The words with a space between them, for the person to write down.
    pub fn text(&self) -> Secret {
        Secret::from(self.0.phrase())
    }

    /// The master's key: the BIP39 seed without a passphrase, its hexadecimal digits 2 to 65. The
    /// vendor's Manager takes them so (`substr(1, 64)`), which shifts the seed by half a byte.
    pub fn key(&self) -> PrivateKey {
        let mut seed = self.0.to_seed("");
        let mut key = Zeroizing::new([0; 32]);
        for (byte, pair) in key.iter_mut().zip(seed.windows(2)) {
            *byte = pair[0] << 4 | pair[1] >> 4;
        }
        seed.zeroize();
        PrivateKey::from_bytes(&key)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[words]")
    }
}

const COUNT: usize = 24;

fn invalid(context: &str) -> Error {
    Error::new(ErrorKind::Invalid, context)
}
