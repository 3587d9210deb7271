//! Well-formed addresses without an owner, and the payment URIs that carry them.
//!
//! Networks that have a test form get it, even under a production symbol, so that a wallet for real money refuses to
//! send. Every address carries a marker to the eye: `fakem0ney`, `fa4e`, `sandbox`. No key exists for any of them.

use bech32::{Fe32, Hrp, primitives::iter::ByteIterExt, primitives::iter::Fe32IterExt};
use rust_decimal::Decimal;
use sha3::{Digest, Keccak256};

use crate::bitnovo::decimal;

/// How addresses look and how a payment is written as a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    Bitcoin,
    BitcoinCash,
    Ethereum,
    /// A token, or the coin of another EVM chain: an `ethereum:` URI would pay ether instead.
    EvmToken,
    Litecoin,
    Ripple,
    Stellar,
}

const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const STRKEY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const RIPPLE: &str = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

impl Network {
    /// Whether a tag or memo distinguishes the payments to one address; a payment without it is lost.
    pub(crate) fn needs_tag(self) -> bool {
        matches!(self, Self::Ripple | Self::Stellar)
    }

    /// An address made from `entropy`, with a right checksum.
    pub(crate) fn address(self, entropy: [u8; 32]) -> String {
        match self {
            Self::Bitcoin => segwit("tb", entropy),
            Self::Litecoin => segwit("tltc", entropy),
            Self::BitcoinCash => cash_address(entropy),
            Self::Ethereum | Self::EvmToken => {
                let digits: String = hex::encode(entropy).chars().take(34).collect();
                eip55(&format!("fa4e00{digits}"))
            }
            Self::Ripple => ripple(entropy),
            Self::Stellar => stellar(entropy),
        }
    }

    /// What a wallet reads from a QR code; empty where no URI names the coin for certain.
    pub(crate) fn payment_uri(self, address: &str, tag: &str, amount: Decimal) -> String {
        let amount = decimal::plain(amount);
        match self {
            Self::Bitcoin => format!("bitcoin:{address}?amount={amount}&rbf=false"),
            Self::BitcoinCash => format!("bchtest:{address}?amount={amount}"),
            Self::Ethereum => format!("ethereum:{address}?amount={amount}"),
            Self::EvmToken => String::new(),
            Self::Litecoin => format!("litecoin:{address}?amount={amount}"),
            Self::Ripple => format!("ripple:{address}?amount={amount}&dt={tag}"),
            Self::Stellar => {
                format!("web+stellar:pay?destination={address}&amount={amount}&memo={tag}&memo_type=MEMO_ID")
            }
        }
    }
}

/// `marker`, then characters of `alphabet` picked by `entropy`, `length` in all.
fn legible(alphabet: &str, marker: &str, entropy: [u8; 32], length: usize) -> String {
    let picks = entropy.iter().cycle().enumerate().filter_map(|(place, byte)| {
        let index = usize::from(*byte).wrapping_add(place) % alphabet.len();
        alphabet.chars().nth(index)
    });
    marker.chars().chain(picks).take(length).collect()
}

/// The five-bit values of characters of `alphabet`.
fn five_bits(alphabet: &str, text: &str) -> Vec<Fe32> {
    let value = |character| u8::try_from(alphabet.find(character)?).ok();
    text.chars().filter_map(|character| Fe32::try_from(value(character)?).ok()).collect()
}

fn segwit(prefix: &str, entropy: [u8; 32]) -> String {
    let program = five_bits(BECH32, &legible(BECH32, "fakem0ney", entropy, 32));
    let program: Vec<u8> = program.into_iter().fes_to_bytes().collect();
    Hrp::parse(prefix).ok().and_then(|hrp| bech32::segwit::encode_v0(hrp, &program).ok()).unwrap_or_default()
}

/// A CashAddr of the test network, without its prefix, as the API prints it.
fn cash_address(entropy: [u8; 32]) -> String {
    // A zero version byte leaves three zero bits at the head of the second character, and 168 bits leave two zero bits
    // of padding in the last: `q` satisfies both.
    let payload = format!("q{}q", legible(BECH32, "qfakem0ney", entropy, 32));
    let checksum = cash_checksum(&payload);
    format!("{payload}{checksum}")
}

fn cash_checksum(payload: &str) -> String {
    const GENERATOR: [u64; 5] =
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let prefix = b"bchtest".iter().map(|byte| byte & 31);
    let payload = five_bits(BECH32, payload).into_iter().map(Fe32::to_u8);
    let values = prefix.chain([0]).chain(payload).chain([0; 8]);
    let state = values.fold(1_u64, |state, value| {
        let top = state >> 35;
        let shifted = ((state & 0x07_ffff_ffff) << 5) ^ u64::from(value);
        GENERATOR.iter().enumerate().fold(shifted, |state, (bit, generator)| {
            if top >> bit & 1 == 1 { state ^ generator } else { state }
        })
    }) ^ 1;
    let pick = |place: u32| BECH32.chars().nth(usize::try_from(state >> (5 * place) & 31).ok()?);
    (0..8).rev().filter_map(pick).collect()
}

/// Capital letters in an Ethereum address are its checksum.
fn eip55(digits: &str) -> String {
    let hash = hex::encode(Keccak256::digest(digits));
    let cased = digits.chars().zip(hash.chars());
    let cased = cased.map(|(digit, nibble)| if nibble >= '8' { digit.to_ascii_uppercase() } else { digit });
    format!("0x{}", cased.collect::<String>())
}

fn ripple(entropy: [u8; 32]) -> String {
    // The leading `r` is the version byte; 33 more characters starting with `s` always make 24 bytes.
    let text = legible(RIPPLE, "rsandbox", entropy, 34);
    let decoded = bs58::decode(text).with_alphabet(bs58::Alphabet::RIPPLE).into_vec().unwrap_or_default();
    let payload: Vec<u8> = decoded.into_iter().take(21).collect();
    bs58::encode(payload).with_alphabet(bs58::Alphabet::RIPPLE).with_check().into_string()
}

fn stellar(entropy: [u8; 32]) -> String {
    // `G` and the head of the `A` after it are the version byte of an account.
    let text = legible(STRKEY, "GASANDBOX", entropy, 56);
    let payload: Vec<u8> = five_bits(STRKEY, &text).into_iter().fes_to_bytes().take(33).collect();
    let checksum = crc16(&payload).to_le_bytes();
    let letter = |value: Fe32| STRKEY.chars().nth(usize::from(value.to_u8()));
    payload.into_iter().chain(checksum).bytes_to_fes().filter_map(letter).collect()
}

/// CRC-16/XMODEM, which Stellar's keys end with.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte) << 8,
            |crc: u16, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTROPY: [u8; 32] = [0x5c; 32];

    #[test]
    fn checksums_are_those_of_published_addresses() {
        assert_eq!(cash_checksum("pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey"), "vwc0uz5t");
        assert_eq!(
            eip55("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
        );
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn addresses_are_marked_well_formed_and_of_a_test_network_where_there_is_one() {
        let bitcoin = Network::Bitcoin.address(ENTROPY);
        assert!(bitcoin.starts_with("tb1qfakem0ney"), "{bitcoin}");
        assert_eq!(bech32::segwit::decode(&bitcoin).unwrap().2.len(), 20);
        let litecoin = Network::Litecoin.address(ENTROPY);
        assert!(litecoin.starts_with("tltc1qfakem0ney"), "{litecoin}");
        assert_eq!(bech32::segwit::decode(&litecoin).unwrap().2.len(), 20);
        let cash = Network::BitcoinCash.address(ENTROPY);
        assert!(cash.starts_with("qqfakem0ney") && cash.len() == 42, "{cash}");
        let ethereum = Network::EvmToken.address(ENTROPY);
        assert!(ethereum.to_lowercase().starts_with("0xfa4e") && ethereum.len() == 42, "{ethereum}");
    }

    #[test]
    fn ripple_and_stellar_addresses_decode_to_an_account() {
        for filler in 0..=255 {
            let ripple = Network::Ripple.address([filler; 32]);
            assert!(ripple.starts_with("rsandbox"), "{ripple}");
            let decoded = bs58::decode(&ripple).with_alphabet(bs58::Alphabet::RIPPLE).with_check(Some(0));
            assert_eq!(decoded.into_vec().unwrap().len(), 21);

            let stellar = Network::Stellar.address([filler; 32]);
            assert!(stellar.starts_with("GASANDBOX") && stellar.len() == 56, "{stellar}");
            let bytes: Vec<u8> = five_bits(STRKEY, &stellar).into_iter().fes_to_bytes().collect();
            let (payload, checksum) = bytes.split_at(33);
            assert_eq!((payload[0], checksum), (6 << 3, crc16(payload).to_le_bytes().as_slice()));
        }
    }

    #[test]
    fn uris_carry_plain_decimals_and_the_tag_and_tokens_have_none() {
        let amount = Decimal::new(8334, 8);
        assert_eq!(
            Network::Bitcoin.payment_uri("tb1q", "", amount),
            "bitcoin:tb1q?amount=0.00008334&rbf=false"
        );
        assert_eq!(Network::Ripple.payment_uri("rs", "12", amount), "ripple:rs?amount=0.00008334&dt=12");
        assert_eq!(Network::EvmToken.payment_uri("0x", "", amount), "");
    }
}
